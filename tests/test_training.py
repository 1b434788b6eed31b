"""Training, from lessons to an adapter that a model is loaded with; and recipes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("peft")

import torch
from small_models import byte_tokenizer, llama

from neurosym.engine import Engine
from neurosym.errors import InputError, LanguageMismatch, MissingExtra, ModelError, UsageError
from neurosym.grammars import language_id
from neurosym.models.adapter import factors, read_adapter
from neurosym.models.recorded import RecordedModel
from neurosym.models.transformers import TransformersModel
from neurosym.proposals import Candidate, LineCheck, Request, Training
from neurosym.result import Problem
from neurosym.search.scorer import FEATURES, Scorer, read_scorer, write_scorer
from neurosym.training import fit as fit_module
from neurosym.training.fit import Settings, fit
from neurosym.training.fit_scorer import fit_scorer
from neurosym.training.generator import Example
from neurosym.training.iterate import reviewed
from neurosym.training.lessons import Lesson, load, repair, save, translation, verdict
from neurosym.training.problems import problem_families
from neurosym.training.recipe import Own, Recipe, Review, Scoring, follow, lessons, read_recipe

EXAMPLES = [
    Example("1", "sums", "Ann has 3 pens and buys 4.", "ask 3 + 4\n"),
    Example("2", "sums", "Bo had 9 and lost 2.", "ask 9 - 2\n"),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    llama(initializer_range=0.1, num_hidden_layers=3, hidden_size=64, intermediate_size=128).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder


def settings(base: Path, **more: Any) -> Settings:
    return replace(Settings(base=str(base), rank=16, learning_rate=2e-2, batch=2, epochs=80), **more)


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapter")
    assert fit([translation(e, "sums") for e in EXAMPLES], settings(base), out)
    return out


def test_a_trained_model_writes_what_it_was_taught(adapter: Path) -> None:
    model = TransformersModel(str(adapter))
    assert model.training == Training(language_id(), adapter)
    results = Engine(model, candidates=1, repairs=0, max_tokens=32)
    for example, answer in zip(EXAMPLES, ("7", "7"), strict=True):
        result = results.solve(example.problem)
        assert (result.program, result.answer) == (example.program, answer)


def test_the_base_model_does_not(base: Path) -> None:
    model = TransformersModel(str(base))
    assert model.training is None
    assert Engine(model, candidates=1, repairs=0, max_tokens=32).solve(EXAMPLES[0].problem).program != "ask 3 + 4\n"


@dataclass(frozen=True)
class Scripted:
    """Proposes what it is given, as a model of some training."""

    programs: Mapping[str, Sequence[str]]
    training: Training | None
    name: str = "scripted"

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """See `Model`."""
        for i, request in enumerate(requests):
            yield i, tuple(Candidate(text, -1.0, 5, "end") for text in self.programs[request.key])


def test_a_model_learns_to_judge(base: Path, adapter: Path, tmp_path: Path) -> None:
    """It then tells of each program that has an answer whether it is right; one that was not taught to says nothing."""
    programs = ["ask 3 + 4\n", "ask 3 - 4\n", "ask 9 - 2\n", "ask 9 + 2\n"]
    taught = [verdict(e.problem, text, right=text == e.program) for e in EXAMPLES for text in programs]
    assert fit(taught, settings(base, batch=8, learning_rate=1e-2, epochs=300), tmp_path / "judge")
    written = {e.id: [*programs, "ask 3 +\n"] for e in EXAMPLES}
    judge, other = (TransformersModel(str(folder)).training for folder in (tmp_path / "judge", adapter))
    for training in (judge, other):
        engine = Engine(Scripted(written, training), candidates=5, repairs=0)
        for example in EXAMPLES:
            *reading, broken = engine.solve(Problem(example.problem, id=example.id)).attempts
            assert broken.verdict is None
            if training is judge:
                found = {a.candidate.text: a.verdict or 0.0 for a in reading}
                assert min(found.values()) < -1 < 1 < found[example.program] == max(found.values())
                assert sum(verdict > 0 for verdict in found.values()) == 1
            else:
                assert {a.verdict for a in reading} == {None}


def test_who_starts_with_what_has_learned_more_than_to_translate_has_learned_it_too(base: Path, tmp_path: Path) -> None:
    once = settings(base, epochs=1, learning_rate=0.0)
    [example, *_] = EXAMPLES
    lessons = {
        "judges": verdict(example.problem, example.program, right=True),
        "repairs": repair(example, "ask 1\n", "that is another question"),
        "translates": translation(example, "sums"),
    }
    for what, lesson in lessons.items():
        fit([lesson], once, tmp_path / what)
        fit([lessons["translates"]], replace(once, start=str(tmp_path / what)), tmp_path / f"{what} still")
        for folder in (what, f"{what} still"):
            found = read_adapter(tmp_path / folder)
            assert found
            assert (found.judges, found.repairs) == (what == "judges", what == "repairs")


def test_an_adapter_tells_how_it_came_about_and_nothing_of_this_machine(adapter: Path, base: Path) -> None:
    record = json.loads((adapter / "training.json").read_text())
    assert record["lessons"] == {"sums": 2}
    assert record["steps"] == [80, 80]
    first, *_, last = (loss for _, loss in record["curve"])
    assert last < first / 4
    assert json.loads((adapter / "neurosym.json").read_text())["language"] == language_id()
    assert json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)


def test_another_training_has_another_name(adapter: Path, tmp_path: Path) -> None:
    """Results of the one are not taken for results of the other."""
    names = []
    for scorer in ("", "{}"):
        folder = tmp_path / f"of{scorer}" / "same"
        shutil.copytree(adapter, folder)
        (folder / "scorer.json").write_text(scorer)
        names.append(TransformersModel(str(folder)).name)
    assert names[0] != names[1]
    assert all(re.fullmatch("same@[0-9a-f]{8}", name) for name in names)


def test_training_goes_on_where_it_stopped(base: Path, tmp_path: Path) -> None:
    """In two goes as in one: the same weights."""
    wanted = settings(base, epochs=4)
    taught = [translation(e, "sums") for e in EXAMPLES]
    assert fit(taught, wanted, tmp_path / "one")
    assert not fit(taught, replace(wanted, minutes=1e-9), tmp_path / "two")
    assert fit(taught, wanted, tmp_path / "two")
    one, two = ((tmp_path / n / "adapter_model.safetensors").read_bytes() for n in ("one", "two"))
    assert one == two


def test_training_starts_with_an_adapter_of_lower_rank(adapter: Path, base: Path, tmp_path: Path) -> None:
    """Without a step of any size, the wider adapter changes the model as the one it started with."""
    wider = settings(base, start=str(adapter), rank=24, learning_rate=0.0, epochs=1)
    assert fit([translation(EXAMPLES[0], "sums")], wider, tmp_path / "wider")
    one, two = (read_adapter(folder) for folder in (adapter, tmp_path / "wider"))
    assert one
    assert two
    changes = [{name: b.float() @ a.float() * x.scale for name, (a, b) in factors(x).items()} for x in (one, two)]
    assert changes[0].keys() == changes[1].keys()
    assert all(torch.allclose(changes[0][name], changes[1][name], atol=1e-4) for name in changes[0])


@pytest.mark.parametrize(
    ("more", "said"), [({"rank": 8}, "has rank 16, here the rank is 8, of all"), ({"layers": 1}, "of the top 1 layers")]
)
def test_an_adapter_that_does_not_fit_is_no_start(
    adapter: Path, base: Path, tmp_path: Path, more: Any, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        fit([translation(EXAMPLES[0], "sums")], settings(base, start=str(adapter), **more), tmp_path)
    with pytest.raises(UsageError, match="no adapter in nowhere"):
        fit([translation(EXAMPLES[0], "sums")], settings(base, start="nowhere"), tmp_path)


def test_weights_come_in_small_files(
    base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_module, "SHARD", 40_000)
    taught = [translation(e, "sums") for e in EXAMPLES]
    assert fit(taught, settings(base, start=str(adapter), learning_rate=0.0, epochs=1), tmp_path / "out")
    shards = list((tmp_path / "out").glob("*.safetensors"))
    assert len(shards) > 2
    assert all(shard.stat().st_size < 50_000 for shard in shards)
    result = Engine(TransformersModel(str(tmp_path / "out")), candidates=1, repairs=0, max_tokens=32).solve(
        EXAMPLES[0].problem
    )
    assert result.program == EXAMPLES[0].program


def test_an_adapter_of_another_language_is_refused(adapter: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in adapter.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    (other / "neurosym.json").write_text('{"base": "base", "language": "ir-0-000000000000"}')
    with pytest.raises(LanguageMismatch, match=r"ir-0-000000000000.*train it again"):
        _ = TransformersModel(str(other)).training
    (other / "neurosym.json").write_text("[]")
    with pytest.raises(ModelError, match="cannot be read"):
        _ = TransformersModel(str(other)).training


def test_an_adapter_of_another_model_is_refused(adapter: Path, tmp_path: Path) -> None:
    llama().save_pretrained(tmp_path / "base")
    byte_tokenizer().save_pretrained(tmp_path / "base")
    other = tmp_path / "other"
    other.mkdir()
    for file in adapter.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    (other / "neurosym.json").write_text(json.dumps({"base": str(tmp_path / "base"), "language": language_id()}))
    with pytest.raises(ModelError, match="does not belong to"):
        Engine(TransformersModel(str(other)), candidates=1).solve("Ann has 3 pens.")


def test_nothing_to_learn(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to learn: 1 lessons, none of at most 5 tokens"):
        fit([translation(EXAMPLES[0], "sums")], settings(base, longest=5), tmp_path)


def test_lessons_are_kept_as_they_were(tmp_path: Path) -> None:
    taught = [translation(EXAMPLES[0], "sums"), repair(EXAMPLES[1], "ask 9\n", "2 is not used")]
    save(taught, tmp_path / "lessons.jsonl")
    assert load(tmp_path / "lessons.jsonl") == taught
    assert isinstance(taught[1], Lesson)
    assert "2 is not used" in taught[1].messages[-1][1]


class TestRecipe:
    def test_what_it_is_made_of(self, tmp_path: Path) -> None:
        record = {
            "id": "g",
            "problem": "Ann has 3 pens and buys 4.",
            "solution": "She has <<3+4=7>>7 pens",
            "answer": "7",
        }
        (tmp_path / "gsm.jsonl").write_text(json.dumps(record) + "\n")
        path = tmp_path / "recipe.toml"
        path.write_text('samples = 1\n[settings]\nrank = 4\n[[converted]]\nset = "gsm8k"\nfile = "gsm.jsonl"\n')
        recipe = read_recipe(path)
        assert recipe.settings == Settings(rank=4)
        found = list(lessons(recipe))
        seen = [family for family in problem_families() if family.use == "training"]
        assert len(found) == len(seen) + 1
        assert [lesson.reply for lesson in found if lesson.origin == "gsm8k"] == ["let pens = 3 + 4\nask pens\n"]
        assert list(lessons(recipe)) == found

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("samples = ", "Invalid value"),
            ("sample = 3", "sample is not known; there are converted, decoder, own, review, samples, scorer"),
            ("[settings]\nranks = 3", "settings: ranks is not known"),
            ('[settings]\nrank = "x"', "settings: rank is a whole number, not 'x'"),
            ("[settings]\nrank = 0", r"recipe\.toml: rank is at least 1, not 0"),
            ("[settings]\nlayers = 0", "layers is at least 1, not 0"),
            ("[settings]\nepochs = 0.0", "epochs are more"),
            ("[settings]\nrank = true", "rank is a whole number, not True"),
            ("settings = 3", "settings is a table, not 3"),
            ("converted = 3", r"converted is a list of tables \(\[\[converted\]\]\), not 3"),
            ('[[converted]]\nset = "gsm8k"', "converted lacks file"),
            ('[own]\nfile = "x"\nrounds = 1.5', "own: rounds is a whole number, not 1.5"),
            ('decoder = "onnx"', r"recipe\.toml: there is no decoder 'onnx'; there are torch, openvino"),
            ('[[converted]]\nset = "gsm"\nfile = "x"', "no converter 'gsm'; there are gsm8k, logicaldeduction"),
        ],
    )
    def test_what_is_wrong_with_one(self, tmp_path: Path, text: str, said: str) -> None:
        path = tmp_path / "recipe.toml"
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read_recipe(path)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "recipe.toml"
        path.write_text('[[converted]]\nset = "gsm8k"\nfile = "none.jsonl"')
        with pytest.raises(InputError, match=r"none\.jsonl"):
            list(lessons(read_recipe(path)))


@pytest.mark.parametrize("decoder", ["torch", "openvino"])
def test_a_users_own_problems_need_answers_only(base: Path, adapter: Path, tmp_path: Path, decoder: str) -> None:
    """Expert iteration from a model that can write programs: what is confirmed is learned, what is wrong is not."""
    if decoder == "openvino":
        pytest.importorskip("openvino")
    problems = [{"id": e.id, "problem": e.problem, "answer": "7"} for e in EXAMPLES]
    problems.append({"id": "no", "problem": "Bo had 9 and lost 2.", "answer": "8"})
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(p) + "\n" for p in problems))
    own = Own(tmp_path / "own.jsonl", candidates=4)
    recipe = Recipe(settings(base, start=str(adapter), epochs=2), own=own, decoder=decoder)
    sampled_by = recipe.engine(adapter, 1, 0).model
    assert isinstance(sampled_by, TransformersModel)
    assert sampled_by.openvino is (decoder == "openvino")
    out = tmp_path / "out"
    assert follow(recipe, out)
    found = load(out / "round-1.jsonl")
    assert {lesson.reply for lesson in found if lesson.origin == "own: confirmed"} == {"ask 3 + 4\n", "ask 9 - 2\n"}
    assert all("Bo had 9" not in lesson.messages[-1][1] or lesson.reply == "ask 9 - 2\n" for lesson in found)
    assert TransformersModel(str(out)).training == Training(language_id(), out)


def test_a_decoder_that_is_not_installed_is_told_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurosym.training.recipe.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"neurosym\[openvino\]"):
        follow(Recipe(scorer=Scoring(), decoder="openvino"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_learns_to_repair_what_it_wrote_itself(base: Path, tmp_path: Path) -> None:
    """A model that has hardly learned fails; its programs and what is wrong with them come before the right ones."""
    out = tmp_path / "out"
    (out / "taught").mkdir(parents=True)
    save([translation(e, "sums") for e in EXAMPLES], out / "taught" / "lessons.jsonl")
    review = Review(problems=2, candidates=2, verdicts=1, replay=1)
    assert follow(Recipe(settings(base, epochs=1, learning_rate=1e-4), review=review), out)
    found = load(out / "lessons.jsonl")
    mended = [lesson for lesson in found if lesson.origin == "repair"]
    assert len(mended) == 2
    assert {lesson.origin for lesson in found} <= {"repair", "verdict", "sums"}
    assert {(lesson.asked, lesson.reply) for lesson in mended} == {(e.problem, e.program) for e in EXAMPLES}
    for lesson in mended:
        (*_, (writer, _), (asker, complaint)) = lesson.messages
        assert (writer, asker) == ("assistant", "user")
        assert complaint.startswith("That program is wrong: ")
    assert read_adapter(out) is not None


def test_a_failure_teaches_beside_a_program_that_is_sound(tmp_path: Path) -> None:
    recording = tmp_path / "recorded.jsonl"
    written = {EXAMPLES[0].id: [EXAMPLES[0].program, "ask 3 +\n"], EXAMPLES[1].id: [EXAMPLES[1].program]}
    recording.write_text("".join(json.dumps({"key": k, "candidates": c}) + "\n" for k, c in written.items()))
    engine = Engine(RecordedModel(str(recording)), candidates=2, repairs=0)
    (_, [found]), (_, none) = reviewed(engine, EXAMPLES, verdicts=0)
    assert found.reply == EXAMPLES[0].program
    assert found.messages[-2][1] == "ask 3 +\n"
    assert none == []


def test_programs_teach_to_judge_as_many_right_as_wrong_ones(tmp_path: Path) -> None:
    recording = tmp_path / "recorded.jsonl"
    written = ["ask 3 + 4\n", "ask 4 + 3\n", "let all = 3 + 4\nask all\n", "ask 3 - 4\n", "ask 3 +\n"]
    recording.write_text(json.dumps({"key": EXAMPLES[0].id, "candidates": written}) + "\n")
    engine = Engine(RecordedModel(str(recording)), candidates=5, repairs=0)
    [(_, (mended, *verdicts))] = reviewed(engine, EXAMPLES[:1], verdicts=2)
    assert mended.origin == "repair"
    assert [(lesson.messages[-2][1], lesson.reply) for lesson in verdicts] == [
        ("ask 3 + 4\n", "yes"),
        ("ask 4 + 3\n", "yes"),
        ("ask 3 - 4\n", "no"),
    ]


def test_nothing_to_repair_is_no_error(adapter: Path, base: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "taught").mkdir(parents=True)
    save([translation(e, "sums") for e in EXAMPLES], out / "taught" / "lessons.jsonl")
    recipe = Recipe(
        settings(base, start=str(adapter), epochs=1, learning_rate=0.0), review=Review(candidates=1, verdicts=0)
    )
    assert follow(recipe, out)
    assert [lesson.origin for lesson in load(out / "lessons.jsonl")] == ["sums", "sums"]


class TestScorer:
    """A few numbers in, a probability out."""

    def test_it_learns_what_tells_right_from_wrong(self) -> None:
        random = Random(0)
        rows = [tuple(random.gauss(0, 1) for _ in FEATURES) for _ in range(400)]
        seen = [(row, row[0] + 0.5 * row[3] + random.gauss(0, 0.3) > 0) for row in rows]
        scorer = fit_scorer(seen)
        assert sum((scorer.probability(row) > 0.5) == is_right for row, is_right in seen) > 350
        assert scorer.weights[0] > scorer.weights[3] > 4 * max(abs(w) for w in (scorer.weights[1], scorer.weights[2]))
        shown, happened = sum(scorer.probability(row) for row, _ in seen), sum(is_right for _, is_right in seen)
        assert shown == pytest.approx(happened, abs=2)  # calibrated, where it was trained

    def test_it_needs_both_kinds(self) -> None:
        with pytest.raises(UsageError, match="right and wrong answers"):
            fit_scorer([((0.0,) * len(FEATURES), True)] * 3)

    def test_it_is_kept_by_the_names_of_its_features(self, tmp_path: Path) -> None:
        scorer = Scorer(language_id(), tuple(i / 7 for i in range(len(FEATURES))), -0.5)
        write_scorer(scorer, tmp_path)
        assert read_scorer(tmp_path) == scorer
        assert read_scorer(tmp_path / "nowhere") is None
        plain = json.loads((tmp_path / "scorer.json").read_text())
        (tmp_path / "scorer.json").write_text(json.dumps({**plain, "language": "ir-0-0"}))
        with pytest.raises(LanguageMismatch, match="ir-0-0"):
            read_scorer(tmp_path)
        (tmp_path / "scorer.json").write_text(json.dumps({**plain, "weights": {}}))
        with pytest.raises(ModelError, match="share of the candidates"):
            read_scorer(tmp_path)


@pytest.mark.parametrize("name", ["embedded", "gpu", "own"])
def test_the_recipes_that_are_shipped_read(name: str) -> None:
    path = files("neurosym.training").joinpath("recipes", f"{name}.toml")
    recipe = read_recipe(Path(str(path)), Path("data"))
    assert recipe.own or recipe.converted
