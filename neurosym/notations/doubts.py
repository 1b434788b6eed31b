"""What speaks against a verdict of independence: that neither follows may be the translation's silence, not the text's.

Truth and falsity rest on the premises of their proof; independence rests on there being no others, so it is lost with
any link between two sentences. In first-order notations nothing is declared: a name spelt otherwise is a new name, and
a sentence half written is a weaker premise; both read well. Here are the signs of such a loss, none of which knows what
the words mean: `findings` are seen in the program and in the sentences that stand beside its formulas, `rivals` are
other readings of the same formulas, which leave the verdict in doubt where they decide what is asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.sentences import NOT, stems
from neurosym.notations.formulas import THING
from neurosym.notations.polarity import statement
from neurosym.notations.vocabulary import is_negative, spoken

MAX_ADDED = 50
"""How many premises a rival reading adds at most."""
MAX_NAMES = 500
"""How many names are looked for in how many sentences."""
_EMPTY = frozenset(
    stems("a an the of in on at to for from by with as and or not is are was were be been has have had do does did")
)
"""Words that name nothing: a relation called `In` or `Has` is in every second sentence."""


def findings(program: t.Program, question: str | None) -> tuple[Diagnostic, ...]:
    """The signs that can be seen without solving, each for the formula that it is about.

    question: the question in words; without it, the note beside the formula asked stands for it.
    """
    return (*_unspoken(program), *_two_roles(program), *_beside_sentences(program, question))


def rivals(program: t.Program) -> Iterator[tuple[Diagnostic, t.Program]]:
    """Other readings of the program: what each takes for granted, and the program with it."""
    for what, added in (
        ("nothing is said to be {}; if that went without saying", _granted(program)),
        ("names that sound alike ({}) are told apart; if they were one", _alike(program)),
        ("a kind is spoken of as one thing ({}); if what is said of it held of all its kind", _kinds(program)),
    ):
        if added:
            diagnostic = Diagnostic("doubtful-reading", what.format(", ".join(added)))
            premises = tuple(f for formulas in added.values() for f in formulas)[:MAX_ADDED]
            yield diagnostic, t.Program((*program.statements[:-1], *map(t.Assertion, premises), program.statements[-1]))


# --- what a program says --------------------------------------------------------------------------------------------


def _premises(program: t.Program) -> list[t.Assertion]:
    return [s for s in program.statements if isinstance(s, t.Assertion)]


def _asked(program: t.Program) -> t.Ask:
    ask = program.ask
    assert isinstance(ask, t.Ask)  # these notations ask one formula
    return ask


def _relations(program: t.Program) -> dict[str, int]:
    """Each relation's number of arguments."""
    signatures = (g for s in program.statements if isinstance(s, t.Rel) for g in s.signatures)
    return {g.name: len(g.domains) for g in signatures}


def _constants(program: t.Program) -> list[str]:
    return [name for s in program.statements if isinstance(s, t.Const) for name in s.names]


def _propositions(program: t.Program) -> list[str]:
    return [name for s in program.statements if isinstance(s, t.Var) for name in s.names]


def _names(e: t.Node) -> set[str]:
    """The names of all that a formula speaks of."""
    found = (n.function if isinstance(n, t.Call) else n.id for n in t.walk(e) if isinstance(n, t.Call | t.Name))
    return set(found)


def _words(name: str) -> frozenset[str]:
    return frozenset(stems(spoken(name)))


# --- in the program alone -------------------------------------------------------------------------------------------


def _unspoken(program: t.Program) -> Iterator[Diagnostic]:
    """What is asked of which no premise speaks: the text may not either, or it has another name there."""
    ask = _asked(program)
    spoken_of = set().union(*(_names(p.formula) for p in _premises(program)))
    for name in sorted(_names(ask) & {*_relations(program), *_propositions(program)} - spoken_of):
        what = f"{spoken(name)!r} is asked about, and no premise speaks of it"
        yield Diagnostic("doubtful-vocabulary", what, ask.span, "call it what the premises call it")


def _two_roles(program: t.Program) -> Iterator[Diagnostic]:
    """A name that stands for two things, of which what is said of the one says nothing of the other."""
    functions = [g.name for s in program.statements if isinstance(s, t.Fun) for g in s.signatures]
    sounds: dict[str, list[str]] = defaultdict(list)
    for name in (*_relations(program), *functions, *_propositions(program)):
        sounds[spoken(name)].append(name)
    for name, several in sounds.items():
        if len(several) > 1:
            yield Diagnostic("doubtful-vocabulary", f"{name!r} has two roles: {', '.join(several)}", None, "use one")


# --- beside the sentences -------------------------------------------------------------------------------------------


def _beside_sentences(program: t.Program, question: str | None) -> Iterator[Diagnostic]:
    """Formulas that leave out what their sentences say: something that the program has a name for, or a connective."""
    vocabulary = {name: _words(name) for name in (*_relations(program), *_constants(program))}
    telling = [(n, w) for n, w in vocabulary.items() if w - _EMPTY and all(len(word) > 1 for word in w)][:MAX_NAMES]
    ask = _asked(program)
    asked = (ask.targets[0], statement(question) if question else ask.note, ask.span)
    for formula, told, at in (asked, *((p.formula, p.note, p.span) for p in _premises(program)[:MAX_NAMES])):
        if not told:
            continue
        words, used = frozenset(stems(told)), _names(formula)
        said = frozenset[str]().union(*(vocabulary.get(n, frozenset()) for n in used))
        missing = [n for n, w in telling if w <= words and n not in used and not w <= said]
        if missing:
            what = f"{told[:100]!r} speaks of {', '.join(map(spoken, missing))}, its formula does not"
            yield Diagnostic("doubtful-formula", what, at, "say all that the sentence says")
        for connective, heard, kept in _CONNECTIVES:
            if heard.search(told) and not kept(formula):
                what = f"{told[:100]!r} says `{connective}`, its formula does not"
                yield Diagnostic("doubtful-formula", what, at)


def _says_not(formula: t.Expr) -> bool:
    if any(is_negative(name) for name in _names(formula)):
        return True
    return any(_is_negation(n) or (isinstance(n, t.Binary) and n.op is t.BinaryOp.XOR) for n in t.walk(formula))


def _says_or(formula: t.Expr) -> bool:
    """A disjunction, or a negation that may stand for one: neither ... nor is no ... and no ..."""
    ops = (t.BinaryOp.OR, t.BinaryOp.XOR)
    return any(_is_negation(n) or (isinstance(n, t.Binary) and n.op in ops) for n in t.walk(formula))


def _says_if(formula: t.Expr) -> bool:
    """A condition, or what is equivalent to one: not p or q, not (p and not q), no x that ..."""
    for n in t.walk(formula):
        if isinstance(n, t.Binary) and n.op in (t.BinaryOp.IMPLIES, t.BinaryOp.IFF):
            return True
        if isinstance(n, t.Binary) and n.op is t.BinaryOp.OR and (_is_negation(n.left) or _is_negation(n.right)):
            return True
        if isinstance(n, t.Unary) and isinstance(n.operand, t.Quantified):
            return True
        if isinstance(n, t.Unary) and isinstance(n.operand, t.Binary) and n.operand.op is t.BinaryOp.AND:
            return True
    return False


def _is_negation(e: t.Node) -> bool:
    return isinstance(e, t.Unary) or (isinstance(e, t.Compare) and any(op is t.CompareOp.NE for op, _ in e.rest))


_CONNECTIVES: Sequence[tuple[str, re.Pattern[str], Callable[[t.Expr], bool]]] = (
    ("not", NOT, _says_not),
    ("if", re.compile(r"(?<!even )(?<!as )(?<!only )\bif\b", re.I), _says_if),
    ("or", re.compile(r"\bor\b|\beither\b", re.I), _says_or),
)
"""A word of the sentence, and whether a formula can be said with it."""


# --- other readings -------------------------------------------------------------------------------------------------


def _granted(program: t.Program) -> dict[str, list[t.Expr]]:
    """Kinds that are only ever conditions: rules about them say nothing, unless the things told of are such.

    `All employees who travel are insured` says nothing of Rosa, who travels, if nobody is said to be employed: that may
    have gone without saying, or have been left out.
    """
    signs: dict[str, set[bool | None]] = defaultdict(set)
    for premise in _premises(program):
        for name, positive in _signs(premise.formula, True):
            signs[name].add(positive)
    asked = _names(_asked(program))
    return {
        spoken(name): [_forall(1, t.Call(name, (_variable(0),)))]
        for name, arity in _relations(program).items()
        if arity == 1 and signs[name] == {False} and name not in asked
    }


def _signs(e: t.Expr, positive: bool | None) -> Iterator[tuple[str, bool | None]]:
    """The relations of a formula, each with whether it is affirmed, not only a condition; None where it is denied."""
    flipped = None if positive is None else not positive
    match e:
        case t.Call():
            yield e.function, positive
        case t.Unary(operand=t.Call(function=denied)):
            yield denied, None
        case t.Unary():
            yield from _signs(e.operand, flipped)
        case t.Binary(op=t.BinaryOp.IMPLIES):
            yield from _signs(e.left, flipped)
            yield from _signs(e.right, positive)
        case t.Binary():
            both = None if e.op in (t.BinaryOp.IFF, t.BinaryOp.XOR) else positive
            yield from _signs(e.left, both)
            yield from _signs(e.right, both)
        case t.Quantified():
            yield from _signs(e.body, positive)


def _alike(program: t.Program) -> dict[str, list[t.Expr]]:
    """Relations of one arity, and constants, whose names have the same stems: premiere and premiered."""
    added: dict[str, list[t.Expr]] = {}
    for (arity, _), (first, *others) in _by_sound(_relations(program).items()).items():
        for other in others:
            atoms = (t.Call(name, tuple(map(_variable, range(arity)))) for name in (first, other))
            added[f"{spoken(first)}, {spoken(other)}"] = [_forall(arity, t.Binary(t.BinaryOp.IFF, *atoms))]
    for first, *others in _by_sound((name, 0) for name in _constants(program)).values():
        for other in others:
            added[f"{spoken(first)}, {spoken(other)}"] = [t.Compare(t.Name(first), ((t.CompareOp.EQ, t.Name(other)),))]
    return added


def _by_sound(names: Iterable[tuple[str, int]]) -> dict[tuple[int, tuple[str, ...]], list[str]]:
    """Names of words alone (no. 4 and no. 5 are two) by their number of arguments and their stems."""
    found: dict[tuple[int, tuple[str, ...]], list[str]] = defaultdict(list)
    for name, arity in names:
        sound = stems(spoken(name))
        if sound and not any(c.isdigit() for c in spoken(name)):
            found[arity, sound].append(name)
    return found


def _kinds(program: t.Program) -> dict[str, list[t.Expr]]:
    """Constants that are kinds elsewhere: `Heavy(lead)` beside `Lead(pipe)` says that all lead is heavy.

    Asked whether something holds of `lead`, the answer is yes where it holds of some.
    """
    named = {spoken(name).casefold(): name for name, arity in _relations(program).items() if arity == 1}
    added: dict[str, list[t.Expr]] = {}
    x = _variable(0)
    constants = _constants(program)
    atoms = [n for n in t.walk(_asked(program)) if isinstance(n, t.Call) and {*map(_id, n.args)} <= {*constants}]
    for constant in constants:
        kind = named.get(spoken(constant).casefold())
        if kind is None:
            continue
        one: t.Expr = t.Call(kind, (x,))
        said = [f for p in _premises(program) for f in _conjuncts(p.formula) if constant in _names(f)]
        rules = [t.Binary(t.BinaryOp.IMPLIES, one, t.substitute(f, {constant: x})) for f in said]
        for atom in (a for a in atoms if constant in map(_id, a.args)):
            some = t.Binary(t.BinaryOp.AND, one, t.substitute(atom, {constant: x}))
            rules.append(t.Binary(t.BinaryOp.IMPLIES, some, atom))
        added |= {constant: [_forall(1, rule) for rule in rules]} if rules else {}
    return added


def _conjuncts(e: t.Expr) -> list[t.Expr]:
    if isinstance(e, t.Binary) and e.op is t.BinaryOp.AND:
        return [*_conjuncts(e.left), *_conjuncts(e.right)]
    return [e]


def _id(e: t.Node) -> str | None:
    return e.id if isinstance(e, t.Name) else None


def _variable(position: int) -> t.Name:
    return t.Name(f"x{position}")  # in these notations, no constant has a variable's name


def _forall(variables: int, formula: t.Expr) -> t.Expr:
    if not variables:
        return formula
    names = tuple(_variable(k).id for k in range(variables))
    return t.Quantified(t.Quantifier.FORALL, (t.Binder(names, THING),), formula)
