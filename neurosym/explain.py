"""A program and its outcome in plain words: numbered steps that quote the problem, for a reader to follow and check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.builtins import NUMBER_TYPES
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.lowering import lowered
from neurosym.language.printer import show_expr, show_type
from neurosym.language.read import read_expression
from neurosym.language.sources import only_cites, sources
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined, Value, term
from neurosym.outcome import Outcome, Status
from neurosym.solving.options import split_option

MAX_STEPS = 60
MAX_QUOTE = 200
"""Characters of a sentence that are quoted."""


def explain(
    program: t.Program, outcome: Outcome, problem: str = "", question: str | None = None, options: Sequence[str] = ()
) -> str:
    """The steps of `program`, one a line, and what came of them. Total: any program and outcome can be told.

    problem, question, options:  the problem in words, where there is one: a step quotes the sentences it comes from
                                 where they are sure (neurosym.language.sources).
    """
    symbols, _ = check(lowered(program))
    model = _model(program, outcome)
    quotes = _quotes(program, problem, question, options)
    steps = [
        step
        for s, quoted in zip(program.statements, quotes, strict=True)
        for step in _step(s, symbols, model, _said(s, quoted))
    ]
    if len(steps) > MAX_STEPS:
        steps[MAX_STEPS:] = [f"... and {len(steps) - MAX_STEPS} more statements."]
    lines = {s.span.line: quoted for s, quoted in zip(program.statements, quotes, strict=True) if s.span and quoted}
    steps += [*_derivation(program, outcome, len(steps), lines), _verdict(outcome), *_excluded(outcome, lines)]
    steps += _reasons(outcome)
    return "\n".join(f"{n}. {step}" for n, step in enumerate(steps, start=1))


def _quotes(
    program: t.Program, problem: str, question: str | None, options: Sequence[str]
) -> Sequence[tuple[str, ...]]:
    """The quoted sentences of each statement; an option's are its own text."""
    if not (problem or question or options):
        return [()] * len(program.statements)
    texts = dict(split_option(text, k) for k, text in enumerate(options))
    return [
        tuple(
            _quoted(text) for text in ([texts[s.label]] if isinstance(s, t.Option) and s.label in texts else sentences)
        )
        for s, sentences in zip(program.statements, sources(program, problem, question), strict=True)
    ]


def _quoted(sentence: str) -> str:
    short = sentence if len(sentence) <= MAX_QUOTE else sentence[: MAX_QUOTE - 3] + "..."
    return f"“{short.rstrip('.') if not short.endswith('...') else short}”"


def _said(s: t.Statement, quoted: Sequence[str]) -> str:
    """A statement's note, unless what is quoted says it already, and the sentences it comes from."""
    note = s.note or ""
    repeated = quoted and (only_cites(note) or any(note.strip(" .").casefold() in q.casefold() for q in quoted))
    aside = f" ({note})" if note and not repeated else ""
    return aside + (f", from {_joined(quoted)}" if quoted else "")


def _joined(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _model(program: t.Program, outcome: Outcome) -> Interpretation:
    """What the answer tells of the unknowns, so that what is defined from them has a value."""
    ask = program.ask
    values: dict[str, Value] = {}
    if isinstance(ask, t.Ask) and outcome.status is Status.VALUE:
        for target, text in zip(ask.targets, outcome.answers, strict=False):
            value = _value(text)
            if isinstance(target, t.Name) and value is not None:
                values[target.id] = value
    return Interpretation(values=values)


def _value(text: str) -> Value | None:
    try:
        return evaluate(read_expression(text), Symbols(), Interpretation())
    except (ProgramError, Undefined):
        return None


# --- statements -------------------------------------------------------------------------------------------------


def _step(s: t.Statement, symbols: Symbols, model: Interpretation, said: str) -> Iterator[str]:
    """What one statement says, and `said` of it; declarations that only name things are told with their use."""
    match s:
        case t.Let():
            yield f"{_words(s.name)} = {show_expr(s.value)}{_computed(s, symbols, model)}{said}."
        case t.Var():
            yield f"Unknown: {_listed(s.names)}{_of_type(s.type)}{said}."
        case t.Sort(elements=tuple(elements)):
            yield f"There are {len(elements)} of {_words(s.name)}: {_listed(elements)}{said}."
        case t.Const():
            yield f"Named: {_listed(s.names)}{said}."
        case t.Distinct():
            yield f"No two share a value: {_listed(s.names)}{said}."
        case t.Assertion():
            yield f"It is given that {show_expr(s.formula)}{said}."
        case t.Option():
            yield f"Option {s.label} says {show_expr(s.formula)}{said}."
        case t.Goal():
            yield f"Make {show_expr(s.objective)} as {'large' if s.maximize else 'small'} as possible{said}."
        case t.Python():
            yield f"Compute by Python ({len(s.code.splitlines())} lines){said}."
        case t.Ask():
            yield f"Asked: {', '.join(show_expr(e) for e in s.targets)}{said}."
        case t.AskOption():
            yield f"Asked: {_MODE[s.mode]}{said}."


def _computed(s: t.Let, symbols: Symbols, model: Interpretation) -> str:
    """` = 36 rolls`, where the value can be computed here and is not what is written already."""
    try:
        value = show_expr(term(evaluate(t.Name(s.name), symbols, model)))
    except Undefined:
        return ""
    unit = f" {show_type(s.type)}" if isinstance(s.type, t.Unit) and s.type.word not in (*NUMBER_TYPES, "bool") else ""
    return unit if value == show_expr(s.value) else f" = {value}{unit}"


def _of_type(type_: t.Type) -> str:
    text = show_type(type_)
    return f", in {text}" if isinstance(type_, t.Unit) and type_.word not in NUMBER_TYPES else f" ({text})"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(_words(name) for name in names)


_MODE: Mapping[t.OptionMode, str] = {
    t.OptionMode.CONSISTENT: "the only option that the premises allow",
    t.OptionMode.MUST: "the only option that follows from the premises",
    t.OptionMode.MAY: "the only option that the premises allow",
    t.OptionMode.CANNOT: "the only option that the premises exclude",
    t.OptionMode.EXCEPT: "the only option that does not follow from the premises",
}


# --- the derivation ---------------------------------------------------------------------------------------------


def _derivation(program: t.Program, outcome: Outcome, told: int, lines: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """How the answer was derived, a step each; the first is number `told` + 1. `lines` have their sentences."""
    found = next((e.data for e in outcome.evidence if e.data.get("steps")), {})
    steps = found.get("steps", ())
    notes = {s.span.line: s.note for s in program.statements if s.span and s.note}
    notes |= {line: _joined(quoted) for line, quoted in lines.items()}
    for step in steps[:MAX_STEPS]:
        line = step.get("line")
        by = f" by line {line}" + (f" ({notes[line]})" if line in notes else "") if line else ""
        if step.get("supposed"):
            yield f"Suppose {step['says']}."
        elif step.get("absent"):
            yield f"No rule leads to the contrary, so {step['says']}."
        else:
            earlier = [told + 1 + k for k in step["from"]]
            rests = f", from step{'s' * (len(earlier) > 1)} {', '.join(map(str, earlier))}" if earlier else ""
            lacks = f", since {' and '.join(step['without'])}" if step.get("without") else ""
            yield f"{'So ' * bool(earlier or lacks)}{step['says']}{by}{rests}{lacks}."
    if found.get("clash") and len(steps) <= MAX_STEPS:
        a, b = (told + 1 + k for k in found["clash"])
        supposed = any(step.get("supposed") for step in steps)
        yield f"Steps {a} and {b} exclude each other" + (", so what was supposed is not so." if supposed else ".")


# --- the outcome ------------------------------------------------------------------------------------------------


def _excluded(outcome: Outcome, lines: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """The sentences behind a contradiction."""
    quoted = dict.fromkeys(q for line in outcome.core for q in lines.get(line, ()))
    if quoted:
        yield f"The problem says there: {_joined(tuple(quoted))}."


def _verdict(outcome: Outcome) -> str:
    if outcome.option is not None:
        return f"The answer is option {outcome.option}."
    return _VERDICTS[outcome.status](outcome)


def _lines(numbers: tuple[int, ...]) -> str:
    return f"line{'s' * (len(numbers) != 1)} {', '.join(map(str, numbers))}"


def _because(outcome: Outcome) -> str:
    why = outcome.message or "; ".join(str(d) for d in outcome.diagnostics)
    return f": {why.rstrip('.')}." if why else "."


_VERDICTS: Mapping[Status, Callable[[Outcome], str]] = {
    Status.VALUE: lambda o: f"The answer is {o.answer}.",
    Status.TRUE: lambda o: "The answer is true: it follows from what is given.",
    Status.FALSE: lambda o: "The answer is false: its negation follows from what is given.",
    Status.INDEPENDENT: lambda o: "Neither it nor its negation follows from what is given.",
    Status.UNDERDETERMINED: lambda o: f"More than one answer is possible{_because(o)}",
    Status.CONTRADICTORY: lambda o: (
        f"What is given contradicts itself{f' in {_lines(o.core)}' if o.core else ''}{_because(o)}"
    ),
    Status.DISAGREEMENT: lambda o: f"Two solvers gave different answers{_because(o)}",
    Status.MALFORMED: lambda o: f"The program has an error{_because(o)}",
    Status.UNSUPPORTED: lambda o: f"No solver takes this program{_because(o)}",
    Status.GAVE_UP: lambda o: f"It could not be decided{_because(o)}",
    Status.TIMEOUT: lambda o: f"The time ran out{_because(o)}",
    Status.TAMPERING: lambda o: f"The program tried what the sandbox forbids{_because(o)}",
    Status.FAILURE: lambda o: f"NeuroSym itself failed{_because(o)}",
}

_EVIDENCE: Mapping[str, tuple[str, str]] = {
    "evaluation": ("Evaluating the program gives it.", "Evaluating the program does not give it."),
    "model": (
        "An assignment that makes every premise true was found and checked.",
        "The assignment found fails a premise.",
    ),
    "uniqueness": ("No other answer is possible.", "It is not shown that no other answer is possible."),
    "core": ("The premises named contradict each other without the others.", "The core could not be checked."),
    "witnesses": ("Two cases show that both ways are possible.", "The two cases could not be checked."),
    "substitution": (
        "Put back into what is given, the answer fits.",
        "Put back into what is given, the answer does not fit.",
    ),
    "derivation": ("It was derived from the premises.", "The derivation could not be checked."),
    "bound": ("No better value is possible.", "It is not shown that no better value is possible."),
    "second_solver": ("A second solver agrees.", "A second solver does not agree."),
    "vacuity": ("Its condition is never met, so that it says nothing.", "Its condition may be met."),
    "solutions": ("All solutions were counted.", "The solutions were not counted."),
    "execution": ("It is what the Python code computed.", "The Python code did not compute it."),
}


def _reasons(outcome: Outcome) -> Iterator[str]:
    """The certificate in words, then the witnesses."""
    told: set[str] = set()
    for evidence in outcome.evidence:
        holds, fails = _EVIDENCE.get(evidence.kind, (f"Checked: {evidence.kind}.", f"Not shown: {evidence.kind}."))
        sentence = f"{(holds if evidence.holds else fails)[:-1]} ({evidence.by})."
        if sentence not in told:
            told.add(sentence)
            yield sentence
    for witness in outcome.witnesses:
        yield "One case: " + ", ".join(f"{name} = {value}" for name, value in witness.items()) + "."
