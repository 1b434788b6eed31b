"""Decoding: the same tokens as a plain forward pass would give, masked, checked line by line, whatever the batch."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("llguidance")

from small_models import HEADS, SMALL, byte_tokenizer, llama  # noqa: E402

import neurosym.decoding.decoder  # noqa: E402
from neurosym.decoding.batch import REDRAWS, Prompt, Sampler  # noqa: E402
from neurosym.decoding.decoder import Decoder  # noqa: E402
from neurosym.decoding.linear import pack, packs  # noqa: E402
from neurosym.decoding.mask import GrammarMask, GrammarState  # noqa: E402
from neurosym.decoding.odds import log_odds  # noqa: E402
from neurosym.decoding.pytorch import TorchDecoder  # noqa: E402
from neurosym.decoding.refused import Refused  # noqa: E402
from neurosym.decoding.sampler import Draw, Drawn, draw, row_random  # noqa: E402
from neurosym.errors import ModelError  # noqa: E402
from neurosym.models.base import Candidate, LineVerdict  # noqa: E402

TOY = """
start: line~0..5 "ask " /[0-9]/ "\\n"
line: (WORD | PYTHON) "\\n"
WORD: /[b-h]{1,4}/
PYTHON: /python\\n( [b-h]{1,4}\\n){1,3}end/
"""
"""A language of short lines, as ours in where it has newlines; a model with random weights soon ends in it."""

ARCHITECTURES: dict[str, Callable[[], Any]] = {
    "plain": lambda: transformers.LlamaConfig(**SMALL, **HEADS),
    "tied": lambda: transformers.LlamaConfig(**SMALL, **HEADS, tie_word_embeddings=True),
    "scaled positions": lambda: transformers.LlamaConfig(
        **SMALL,
        **HEADS,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 100.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8,
        },
    ),
    "biased": lambda: transformers.Qwen2Config(**SMALL, num_attention_heads=4, num_key_value_heads=1),
    "absolute positions": lambda: transformers.GPT2Config(vocab_size=257, n_embd=32, n_layer=2, n_head=4),
    "window": lambda: transformers.MistralConfig(**SMALL, **HEADS, sliding_window=6),
    "window in some layers": lambda: transformers.Gemma3TextConfig(
        **SMALL, **HEADS, sliding_window=6, layer_types=["sliding_attention", "full_attention"]
    ),
    "capped": lambda: transformers.Gemma2Config(**SMALL, **HEADS, sliding_window=6),
}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return byte_tokenizer()


@pytest.fixture(scope="module")
def plain() -> Any:
    """The weights of all models here, untouched by a decoder."""
    return llama()


def torch_decoder(model: Any) -> Decoder:
    return TorchDecoder(model)


def openvino_decoder(model: Any) -> Decoder:
    pytest.importorskip("openvino")
    from neurosym.decoding.openvino import OpenVINODecoder

    return OpenVINODecoder(model, "float32")


DECODERS = [torch_decoder, openvino_decoder]


@pytest.fixture(scope="module", params=DECODERS)
def sampler(request: pytest.FixtureRequest, tokenizer: Any) -> Sampler:
    return Sampler(request.param(llama()), GrammarMask(tokenizer, 257, TOY), rows=4, temperature=1.0)


def prompts(tokenizer: Any, n: int) -> list[Prompt]:
    texts = ["A tree has 12 apples.", "A tree has 1.", "A tree has 12 pears, and more.", "A"]
    return [Prompt(text, tokenizer(text)["input_ids"], n, 60) for text in texts]


def run(sampler: Sampler, wanted: Sequence[Prompt], check: Callable[[str], bool] | None = None, **more: Any) -> Any:
    def verdict(key: str, text: str) -> LineVerdict:
        return LineVerdict("sound") if check is None or check(text) else LineVerdict("wrong")

    return dict(sampler(wanted, verdict, **{"seed": 0, **more}))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        *((torch_decoder, kind) for kind in ARCHITECTURES),
        *((openvino_decoder, kind) for kind in ("plain", "tied", "scaled positions")),
    ],
)
@pytest.mark.parametrize("chunk", [3, 512])
def test_slots_give_the_logits_of_a_plain_forward_pass(
    make: Callable[[Any], Decoder], kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of different lengths after a shared prefix; one grows, takes tokens back, and moves to another slot."""
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(ARCHITECTURES[kind](), dtype=torch.float32).eval()
    rows = [[5, 6, 7, 8, 9, 10, 11, 12], [5, 6, 7, 8, 20], [5, 6, 7, 8, 9, 10, 30, 31, 32, 33, 34]]
    news = [[40, 41, 42], [50, 51, 52], [60, 61, 62]]

    def expected(tokens: list[int]) -> Any:
        with torch.no_grad():
            return model(torch.tensor([tokens])).logits[0, -1]

    wanted = [[expected(row + new[: k + 1]) for row, new in zip(rows, news, strict=True)] for k in range(3)]
    again = expected([*rows[2], 60, 70])

    monkeypatch.setattr(neurosym.decoding.decoder, "CHUNK", chunk)
    decoder = make(model)
    prefix = decoder.share(rows)
    assert prefix.tokens == (5, 6, 7, 8)
    slots = decoder.slots(prefix, 3)
    for slot, row in enumerate(rows):
        slots.put(slot, decoder.prefill(prefix, row).since(4))
    for k in range(3):
        logits = decoder.step(slots, [new[k] for new in news], [len(row) - 4 + k for row in rows])
        torch.testing.assert_close(logits, torch.stack(wanted[k]), atol=1e-4, rtol=1e-4)
    slots.move(2, 0, len(rows[2]) - 4 + 1)
    logits = decoder.step(slots, [70], [len(rows[2]) - 4 + 1])
    torch.testing.assert_close(logits[0], again, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("rows", [1, 2, 8])
@pytest.mark.parametrize("make", DECODERS)
def test_log_odds_are_those_of_a_plain_forward_pass(make: Callable[[Any], Decoder], rows: int, plain: Any) -> None:
    """Of prompts that share beginnings, one of them another's beginning, one given twice."""
    wanted = [[5, 6, 7, 8, 9], [5, 6, 20], [5, 6, 7, 8, 9, 10, 11], [5, 6, 20], [30, 31]]
    odds = log_odds(make(llama()), wanted, 40, 41, rows)
    for tokens, found in zip(wanted, odds, strict=True):
        with torch.no_grad():
            logits = plain(torch.tensor([tokens])).logits[0, -1]
        assert found == pytest.approx(float(logits[40] - logits[41]), abs=1e-4)


needs_bfloat16 = pytest.mark.skipif(not packs(torch.bfloat16), reason="this CPU does not multiply in bfloat16")
DTYPES = [torch.float32, pytest.param(torch.bfloat16, marks=needs_bfloat16)]


@pytest.mark.skipif(not packs(torch.float32), reason="this build of PyTorch is without oneDNN")
@pytest.mark.parametrize("kind", ["plain", "biased", "tied"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_packed_layers_say_the_same_of_a_row_whatever_stands_beside_it(kind: str, dtype: Any) -> None:
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(ARCHITECTURES[kind](), dtype=torch.float32).eval()
    tokens = torch.randint(0, 257, (32, 1))
    with torch.no_grad():
        before = model(tokens).logits
        pack(model, dtype)
        after = model(tokens).logits
        assert after.dtype == torch.float32
        torch.testing.assert_close(after, before, atol=1e-5 if dtype == torch.float32 else 2e-2, rtol=0)
        for rows in (8, 16, 24):
            assert torch.equal(model(tokens[:rows]).logits, after[:rows])


def test_a_model_with_a_running_state_is_refused() -> None:
    config = transformers.Qwen3NextConfig(
        **SMALL, **HEADS, layer_types=["linear_attention", "full_attention"], num_experts=2, num_experts_per_tok=1
    )
    with pytest.raises(ModelError, match="take tokens back"):
        TorchDecoder(transformers.AutoModelForCausalLM.from_config(config))


@pytest.mark.parametrize("make", DECODERS)
def test_a_prefix_is_computed_once(make: Callable[[Any], Decoder], monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = make(llama())
    fed: list[int] = []
    prefill = type(decoder)._prefill

    def counted(self: Decoder, prefix: Any, tokens: Sequence[int]) -> Any:
        fed.append(len(tokens))
        return prefill(self, prefix, tokens)

    monkeypatch.setattr(type(decoder), "_prefill", counted)
    decoder.share([[1, 2, 3, 4, 9], [1, 2, 3, 4, 8, 7]])
    decoder.share([[1, 2, 3, 4, 9, 9]])
    decoder.share([[1, 2, 5], [1, 2, 6]])
    assert fed == [4, 1]


@given(st.binary(min_size=4, max_size=64), st.data())
def test_a_mask_says_what_single_tokens_are_told(sampler: Sampler, salt: bytes, data: st.DataObject) -> None:
    state = sampler.mask.start()
    for _ in range(data.draw(st.integers(0, 12))):
        if state.stopped:
            break
        state.commit(data.draw(st.sampled_from(state.allowed().nonzero()[:, 0].tolist())))
    allowed = state.allowed()
    assert allowed.shape == (257,)
    assert [bool(allowed[token]) for token in salt] == [state.allows(token) for token in salt]


def test_a_state_goes_back_even_from_the_end(sampler: Sampler) -> None:
    state = sampler.mask.start()
    tokens = sampler.mask.tokenizer.tokenize_str("bcd\nask 3\n")
    assert all(state.commit(token) for token in tokens)
    assert (state.stopped, state.accepting) == (True, True)
    state.rollback(2)
    assert (state.stopped, state.accepting) == (False, False)
    assert sampler.mask.bytes(state.allowed().nonzero()[:, 0].tolist()) == b"0123456789"


def test_a_bad_grammar_is_an_error(tokenizer: Any) -> None:
    with pytest.raises(ModelError, match="does not compile"):
        GrammarMask(tokenizer, 257, "start: missing")


class Only:
    """A grammar that allows the same tokens at every step."""

    def __init__(self, *tokens: int) -> None:
        self.tokens = tokens

    def allows(self, token: int) -> bool:
        return token in self.tokens

    def allowed(self) -> Any:
        return torch.tensor([token in self.tokens for token in range(5)])


def test_lazy_draws_follow_the_masked_distribution() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0, 3.0]])
    wish = Draw(cast(GrammarState, Only(0, 2, 3)), Random(7), 0.5)
    count = Counter(cast(Drawn, draw(logits, [wish])[0]).token for _ in range(4000))
    weights = {token: math.exp(2 * logits[0, token]) for token in (0, 2, 3)}
    for token, weight in weights.items():
        assert count[token] / 4000 == pytest.approx(weight / sum(weights.values()), abs=0.01)
    assert set(count) <= set(weights)


def test_greedy_rows_take_the_likeliest_allowed_token_and_dead_ends_none() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0, 3.0]]).repeat(3, 1)
    states = [Only(1, 3), Only(), Only(4)]
    drawn = draw(logits, [Draw(cast(GrammarState, state), Random(0), 0.5, greedy=True) for state in states])
    assert [item and item.token for item in drawn] == [1, None, 4]
    probabilities = logits[0].softmax(0)
    assert drawn[0] is not None
    assert drawn[0].logprob == pytest.approx(math.log(probabilities[1]), abs=1e-5)


def one_line(random: Random, refused: Refused) -> tuple[int, ...] | None:
    """A line of two tokens, of three each, drawn and refused; None where all were."""
    logits = torch.tensor([[[2.0, 1.0, 0.0, -9.0, -9.0]], [[-1.0, 0.0, 1.0, -9.0, -9.0]]])
    tokens: list[int] = []
    chances: list[float] = []
    for position in logits:
        wish = Draw(cast(GrammarState, Only(0, 1, 2)), random, 0.8, refused.find(tokens))
        [drawn] = draw(position, [wish])
        if drawn is None:
            return None
        tokens.append(drawn.token)
        chances.append(drawn.chance)
    refused.add(tokens, chances)
    return tuple(tokens)


def test_a_refused_line_is_not_drawn_again() -> None:
    for seed in range(20):
        random, refused = Random(seed), Refused()
        lines = [one_line(random, refused) for _ in range(9)]
        assert sorted(line for line in lines if line) == [(a, b) for a in range(3) for b in range(3)]
        assert one_line(random, refused) is None


def test_what_a_refused_line_leaves_is_drawn_as_often_as_before() -> None:
    pairs: Counter[tuple[tuple[int, ...] | None, tuple[int, ...] | None]] = Counter()
    for seed in range(3000):
        random, refused = Random(seed), Refused()
        pairs[one_line(random, refused), one_line(random, refused)] += 1
    first = {line: sum(n for (one, _), n in pairs.items() if one == line) / 3000 for line, _ in pairs}
    for line in first:
        expected = sum(first[other] * first[line] / (1 - first[other]) for other in first if other != line)
        assert sum(n for (_, second), n in pairs.items() if second == line) / 3000 == pytest.approx(expected, abs=0.03)


@settings(max_examples=20)
@given(st.integers(), st.text(), st.integers(0, 99))
def test_random_numbers_belong_to_one_candidate(seed: int, key: str, candidate: int) -> None:
    first = row_random(seed, key, candidate).random()
    assert first == row_random(seed, key, candidate).random()
    others = [row_random(seed + 1, key, candidate), row_random(seed, key + "x", candidate), row_random(seed, key, -1)]
    assert first not in [other.random() for other in others]


def test_every_prompt_gets_its_candidates(sampler: Sampler, tokenizer: Any) -> None:
    wanted = [*prompts(tokenizer, 5), Prompt("none", [1, 2], 0, 60)]
    found = run(sampler, wanted)
    assert {i: len(candidates) for i, candidates in found.items()} == {0: 5, 1: 5, 2: 5, 3: 5, 4: 0}
    everything = [c for candidates in found.values() for c in candidates]
    assert {c.finish for c in everything} >= {"end"}
    for c in everything:
        state = sampler.mask.start()
        assert all(state.commit(token) for token in tokenizer(c.text)["input_ids"])
        assert state.accepting == (c.finish == "end") == c.text.endswith("\n") or c.finish == "length"
        assert c.tokens == len(c.text) <= 60


def test_candidates_go_on_where_others_ended(sampler: Sampler, tokenizer: Any) -> None:
    whole = run(sampler, prompts(tokenizer, 5))
    rest = run(sampler, [replace(prompt, n=3, first=2) for prompt in prompts(tokenizer, 0)])
    assert rest == {i: candidates[2:] for i, candidates in whole.items()}


def test_what_is_refused_is_not_written(sampler: Sampler, tokenizer: Any) -> None:
    """Nor anything that begins so; what else there is comes as it did, but for what it is drawn instead of."""
    drawn = run(sampler, prompts(tokenizer, 8))
    half = {i: tuple(c.decoded[: len(c.decoded) // 2 + 1] for c in drawn[i][:4]) for i in drawn}
    for refused in ({i: tuple(c.decoded for c in cs) for i, cs in drawn.items()}, half):
        again = run(sampler, [replace(p, refused=refused[i]) for i, p in enumerate(prompts(tokenizer, 8))])
        beginnings = {
            i: [sampler.mask.bytes([t for t, _ in program]).decode() for program in refused[i]] for i in refused
        }
        for i, candidates in again.items():
            assert len(candidates) == 8
            assert not any(c.text.startswith(b) for c in candidates for b in beginnings[i])
        kept = [
            (one, other)
            for i in again
            for one, other in zip(drawn[i], again[i], strict=True)
            if not any(one.text.startswith(b) for b in beginnings[i])
        ]
        assert kept == [] or sum(one == other for one, other in kept) > len(kept) / 2


def test_where_all_is_refused_nothing_is_written(sampler: Sampler, tokenizer: Any) -> None:
    first = tuple(((token, 1 / 256),) for token in range(256))
    [prompt, *_] = prompts(tokenizer, 3)
    [candidates] = run(sampler, [replace(prompt, refused=first)]).values()
    assert [(c.text, c.finish) for c in candidates] == [("", "stuck")] * 3


def test_the_batch_changes_nothing(sampler: Sampler, tokenizer: Any) -> None:
    wanted = prompts(tokenizer, 4)
    alone = Sampler(sampler.decoder, sampler.mask, 1, sampler.temperature)
    many = Sampler(sampler.decoder, sampler.mask, 16, sampler.temperature)
    texts = [{i: [c.text for c in cs] for i, cs in run(d, wanted).items()} for d in (alone, sampler, many)]
    assert texts[0] == texts[1] == texts[2]
    single = {i: [c.text for c in run(many, [prompt])[0]] for i, prompt in enumerate(wanted)}
    assert single == texts[0]
    assert len({text for candidates in texts[0].values() for text in candidates}) > 8


def test_seeds_change_the_sampled_candidates_only(sampler: Sampler, tokenizer: Any) -> None:
    one, two = run(sampler, prompts(tokenizer, 4), seed=1), run(sampler, prompts(tokenizer, 4), seed=2)
    for i in one:
        assert one[i][0] == two[i][0] or one[i][0].logprob == pytest.approx(two[i][0].logprob, abs=1e-3)
        assert [c.text for c in one[i][1:]] != [c.text for c in two[i][1:]]


def noting(asked: list[str]) -> Callable[[str], bool]:
    """A check that lets everything pass and writes down what it was asked."""

    def check(text: str) -> bool:
        asked.append(text)
        return True

    return check


def refusing(asked: list[str]) -> Callable[[str], bool]:
    return lambda text: not noting(asked)(text)


def no_d(text: str) -> bool:
    return "d" not in text.replace("end", "")


def test_logprobs_are_the_models_own_even_after_redraws(sampler: Sampler, tokenizer: Any, plain: Any) -> None:
    """Also the proof that slots, moved and shortened, hold what they should."""
    wanted = prompts(tokenizer, 4)
    redrawn = 0
    for i, candidates in run(sampler, wanted, no_d).items():
        for c in candidates:
            tokens = tokenizer(c.text)["input_ids"]
            redrawn += c.tokens > len(tokens)
            with torch.no_grad():
                logits = plain(torch.tensor([[*wanted[i].tokens, *tokens]])).logits[0]
            steps = logits[len(wanted[i].tokens) - 1 : -1].log_softmax(-1)
            assert c.logprob == pytest.approx(float(steps.gather(1, torch.tensor(tokens)[:, None]).sum()), abs=1e-2)
    assert redrawn > 3


@pytest.mark.parametrize("merged", [False, True], ids=["a newline is a token", "some tokens hold one and more"])
@pytest.mark.parametrize("make", DECODERS)
def test_bad_lines_are_drawn_again(make: Callable[[Any], Decoder], merged: bool) -> None:
    model, tokenizer = llama(), byte_tokenizer()
    if merged:
        tokenizer = byte_tokenizer(("b", "Ċ"), ("Ċ", "c"), ("d", "Ċ"), ("e", "Ċ"), ("n", "d"), ("Ċ", "Ġ"))
        model.resize_token_embeddings(263)
    sampler = Sampler(make(model), GrammarMask(tokenizer, model.config.vocab_size, TOY), rows=4, temperature=1.0)
    asked: list[str] = []

    def check(text: str) -> bool:
        asked.append(text)
        return no_d(text)

    before = run(sampler, [Prompt("p", [3, 4, 5], 40, 60)])[0]
    after = run(sampler, [Prompt("p", [3, 4, 5], 40, 60)], check)[0]
    assert all(text.endswith("\n") for text in asked)
    assert len(asked) == len(set(asked)), "a text is checked once, whoever wrote it"
    assert sum(no_d(c.text) for c in after) > sum(no_d(c.text) for c in before)
    for old, new in zip(before, after, strict=True):
        assert old.text == new.text or not no_d(old.text), "who wrote no bad line is left alone"


def test_a_line_is_given_up_after_so_many_redraws_and_its_row_ends(sampler: Sampler) -> None:
    asked: list[str] = []
    [candidates] = run(sampler, [Prompt("p", [3, 4, 5], 8, 200)], refusing(asked)).values()
    assert len(asked) <= 8 * (1 + REDRAWS)
    assert all(re.fullmatch(r"(python\n( .*\n)+end|.*)\n", text) for text in asked), "no line after the first"
    for c in candidates:
        assert c.finish == "stuck"
        assert c.text in asked or any(text.startswith(c.text) for text in asked)
        assert c.tokens >= len(c.text) + REDRAWS * min(map(len, asked))


def test_where_no_line_can_follow_the_line_before_is_taken_back(sampler: Sampler) -> None:
    def ends_well(text: str) -> bool:
        return text.count("\n") == 1 or text.split("\n")[0][-1] in "bc"

    wanted = [Prompt("p", [3, 4, 5], 40, 200)]
    [before], [after] = (list(run(sampler, wanted, check).values()) for check in (None, ends_well))
    begun_well = [c.text for c in after if c.finish == "end" and c.text.count("\n") > 1]
    assert all(map(ends_well, begun_well))
    assert len(begun_well) > sum(ends_well(c.text) for c in before if c.text.count("\n") > 1)
    assert any(c.tokens > len(c.text) + REDRAWS * len("b\n") for c in after), "more than one line was taken back"


def test_what_is_wrong_whatever_follows_does_not_begin_a_line_again(sampler: Sampler) -> None:
    asked: list[str] = []

    def verdict(key: str, text: str) -> LineVerdict:
        asked.append(text)
        return LineVerdict("wrong", 1)

    for i in range(8):
        asked.clear()
        [[candidate]] = dict(sampler([Prompt(f"p{i}", [3, 4, i], 1, 200)], verdict, 0)).values()
        assert candidate.finish == "stuck"
        begun = [text[0] for text in asked]
        assert len(begun) > 2
        assert len(begun) - len(set(begun)) <= 1, "only the likeliest comes twice"


def test_an_unlikely_line_stands_after_so_many_redraws(sampler: Sampler) -> None:
    def verdict(key: str, text: str) -> LineVerdict:
        return LineVerdict("unlikely") if "\n" not in text[:-1] else LineVerdict("sound")

    wanted = [Prompt("p", [3, 4, 5], 8, 200)]
    [candidates] = dict(sampler(wanted, verdict, 0)).values()
    assert {c.finish for c in candidates} == {"end"}
    for c in candidates:
        assert c.tokens >= len(c.text) + REDRAWS * len("b\n")


def test_python_blocks_are_checked_at_their_end(sampler: Sampler) -> None:
    asked: list[str] = []
    grammar = GrammarMask(byte_tokenizer(), 257, TOY.replace("line~0..5", "line"))
    blocks = Sampler(sampler.decoder, grammar, 4, 3.0)
    run(blocks, [Prompt(f"{i}", [3, 4, i], 8, 60) for i in range(4)], noting(asked))
    with_block = [text for text in asked if text.startswith("python")]
    assert with_block
    assert all("\nend\n" in text for text in with_block)


def test_a_budget_ends_a_candidate(sampler: Sampler) -> None:
    [candidates] = run(sampler, [Prompt("p", [3, 4, 5], 6, 3)]).values()
    assert {(c.finish, c.tokens, len(c.text)) for c in candidates} == {("length", 3, 3)}


def test_a_dead_end_ends_a_candidate(sampler: Sampler, tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GrammarState, "allows", lambda self, token: False)
    monkeypatch.setattr(GrammarState, "allowed", lambda self: torch.zeros(257, dtype=torch.bool))
    [candidates] = run(sampler, [Prompt("p", [3, 4, 5], 2, 60)]).values()
    assert set(candidates) == {Candidate("", 0, 0, "length")}


def test_closing_it_stops_decoding(sampler: Sampler, tokenizer: Any) -> None:
    candidates = sampler(prompts(tokenizer, 1), lambda key, text: LineVerdict("sound"), 0)
    running = cast(Generator[tuple[int, tuple[Candidate, ...]]], candidates)
    next(running)
    running.close()
    with pytest.raises(StopIteration):
        next(running)
