"""Every kind of model keeps the same contract; what is special to one is tested below it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from random import Random
from typing import Any

import pytest

import neurosym.models
from neurosym.errors import InputError, ModelError, UsageError
from neurosym.models import Candidate, LineVerdict, Model, Request, load
from neurosym.models.openai import OpenAIModel
from neurosym.models.recorded import RecordedModel, record

MESSAGES = (("system", "Write a program."), ("user", "What is 1 + 2?"))
REQUESTS = [
    Request("a", MESSAGES, 3, 12),
    Request("b", (("user", "What is 7?"),), 1, 12),
    Request("c", MESSAGES, 2, 12),
]
KEPT = {"check": lambda key, text: LineVerdict("sound"), "seed": 5}


def proposed(model: Model, requests: Sequence[Request] = REQUESTS, **more: Any) -> dict[int, tuple[Candidate, ...]]:
    found = list(model.propose(requests, **{**KEPT, **more}))
    assert sorted(i for i, _ in found) == list(range(len(requests))), "each request is answered once"
    return dict(found)


class Server(ThreadingHTTPServer):
    """Speaks the chat protocol: the answer depends on messages, seed and temperature as a real server's does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[str | None] = []
        self.script: list[tuple[int, str]] = []
        """(status, body) to answer with before anything else."""
        self.most = 99
        """How many choices it gives at most, whatever `n` asks for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.headers.append(self.headers["Authorization"])
        status, text = self.server.script.pop(0) if self.server.script else (200, json.dumps(self.answer(body)))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(text.encode())

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        assert self.path == "/v1/chat/completions"
        random = Random(str((body["messages"], body["seed"] if body["temperature"] else 0)))
        choices = []
        for _ in range(min(body["n"], self.server.most)):
            content = [{"token": "ask", "logprob": -0.5}, {"token": " 1", "logprob": -random.random()}]
            message = {"role": "assistant", "content": f"ask {random.randrange(10**6)}\n"}
            choices.append({"message": message, "finish_reason": "stop", "logprobs": {"content": content}})
        return {"choices": choices, "usage": {"completion_tokens": 2 * len(choices)}}

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model of two small layers with random weights, and a tokenizer of bytes."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    path = tmp_path_factory.mktemp("model")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE({token: i for i, token in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>")
    fast.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}<eos>{% endfor %}"
    fast.save_pretrained(path)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=257, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(path)
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recorded.jsonl"
    lines = [
        {"key": "a", "candidates": ["ask 3\n", {"text": "ask 1 + 2\n", "logprob": -2.5, "tokens": 7}, "ask 4\n", "x"]},
        {"key": "b", "round": 0, "candidates": ["ask 7\n"]},
        {"key": "c", "round": 0, "candidates": ["ask 1\n", {"text": "ask", "finish": "length"}]},
        {"key": "a", "round": 1, "candidates": ["ask 5\n"]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def embedded() -> Model:
    """The real one, loaded once."""
    pytest.importorskip("torch")
    from neurosym.models.transformers import TransformersModel

    return TransformersModel(device="cpu")


KINDS = ["transformers", "openvino", "openai", "recorded", "recorder", pytest.param("default", marks=pytest.mark.model)]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Model]:
    """Makes models of one kind that propose the same."""
    kind, get = request.param, request.getfixturevalue
    if kind == "openai":
        pytest.importorskip("httpx")
        return lambda: load(f"openai:toy@{get('server').url}")
    if kind == "recorded":
        return lambda: load(f"recorded:{get('recording')}")
    if kind == "recorder":
        return lambda: record(RecordedModel(get("recording")), tmp_path / "again.jsonl")
    if kind == "default":
        return lambda: get("embedded")
    if kind == "openvino":
        pytest.importorskip("openvino")
        return lambda: load(f"openvino:{get('folder')}")
    return lambda: load(str(get("folder")))


def test_every_request_gets_its_candidates(make: Callable[[], Model]) -> None:
    for i, candidates in proposed(make()).items():
        assert len(candidates) == REQUESTS[i].n
        for candidate in candidates:
            assert candidate.finish in ("end", "length")
            assert candidate.finish == "length" or candidate.text.endswith("\n")
            assert candidate.logprob is None or candidate.logprob <= 0
            assert isinstance(candidate.tokens, int)


def test_the_same_seed_gives_the_same_candidates(make: Callable[[], Model]) -> None:
    assert proposed(make()) == proposed(make())


def test_the_first_candidate_is_greedy(make: Callable[[], Model]) -> None:
    one, two = proposed(make(), seed=1), proposed(make(), seed=2)
    assert [one[i][0].text for i in one] == [two[i][0].text for i in one]


def test_no_requests_give_nothing(make: Callable[[], Model]) -> None:
    assert proposed(make(), []) == {}


def test_models_have_a_name(make: Callable[[], Model]) -> None:
    assert make().name.isprintable()
    assert make().name == make().name != ""


def test_unknown_models_are_told_what_would_be_right(tmp_path: Path) -> None:
    for spec in ("openia:x@http://here", "", "a b", str(tmp_path / "missing"), "openai:x", "openai:@http://y"):
        with pytest.raises(UsageError, match=r"hub|openai:MODEL@URL"):
            load(spec).name  # noqa: B018


def test_other_packages_add_models(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("taped", "neurosym.models.recorded:RecordedModel", "neurosym.models")
    monkeypatch.setattr(neurosym.models, "entry_points", lambda **k: EntryPoints([entry]).select(**k))
    assert load(f"taped:{recording}").name == "recorded:recorded.jsonl"
    with pytest.raises(UsageError, match="taped:"):
        load("nothing:at all")


class TestTransformers:
    def test_special_tokens_in_a_text_are_characters(self, folder: Path) -> None:
        transformers = pytest.importorskip("transformers")
        from neurosym.models.transformers import encode

        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        ids = encode(tokenizer, [("user", "1<eos>2")])
        assert ids.count(tokenizer.eos_token_id) == 1
        assert tokenizer.decode(ids) == "user: 1< eos>2<eos>"

    def test_without_a_template_the_texts_follow_each_other(self, folder: Path) -> None:
        transformers = pytest.importorskip("transformers")
        from neurosym.models.transformers import encode

        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        tokenizer.chat_template = None
        assert tokenizer.decode(encode(tokenizer, MESSAGES)) == "Write a program.\n\nWhat is 1 + 2?\n\n"

    def test_too_long_a_prompt_gets_no_candidates(self, folder: Path) -> None:
        long = Request("long", (("user", "1 + " * 1000),), 2, 12)
        found = proposed(load(str(folder)), [long, REQUESTS[1]])
        assert (found[0], len(found[1])) == ((), 1)

    @pytest.mark.parametrize("how", ["", "openvino:"])
    def test_threads_may_share_it(self, folder: Path, how: str) -> None:
        if how:
            pytest.importorskip("openvino")
        model, results = load(f"{how}{folder}"), dict[int, Any]()
        threads = [threading.Thread(target=lambda i=i: results.update({i: proposed(model)})) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results[0] == results[1] == results[2] == proposed(model)

    def test_what_cannot_be_loaded_is_a_model_error(self, tmp_path: Path) -> None:
        pytest.importorskip("torch")
        (tmp_path / "config.json").write_text("{}")
        with pytest.raises(ModelError, match="cannot be loaded"):
            proposed(load(str(tmp_path)))

    def test_an_unknown_dtype_is_named(self, folder: Path) -> None:
        pytest.importorskip("torch")
        from neurosym.models.transformers import TransformersModel

        with pytest.raises(UsageError, match="float33"):
            proposed(TransformersModel(str(folder), dtype="float33"))

    @pytest.mark.model
    def test_the_batch_does_not_change_the_embedded_models_programs(self, embedded: Model) -> None:
        """One row at a time and eight at once (in float32, the dtype on a CPU)."""
        from neurosym.models.transformers import TransformersModel

        example = (("user", "Ann has 2 cats and 3 dogs. How many pets?"), ("assistant", "let pets = 2 + 3\nask pets\n"))
        texts = ("Tom has 3 boxes of 12 pears and eats 5. How many are left?", "What is half of 18?")
        requests = [Request(text, (*example, ("user", text)), 2, 12) for text in texts]
        assert isinstance(embedded, TransformersModel)
        one, eight = (replace(embedded, rows=rows) for rows in (1, 8))
        one._loaded = eight._loaded = embedded._loaded
        expected = proposed(one, requests)
        found = proposed(eight, requests)
        for i, candidates in expected.items():
            assert [c.text for c in found[i]] == [c.text for c in candidates]
            assert [c.logprob for c in found[i]] == pytest.approx([c.logprob for c in candidates], abs=1e-3)

    @pytest.mark.model
    @pytest.mark.long
    @pytest.mark.timeout(1800)
    def test_all_examples_have_the_same_programs_at_batch_1_and_8(self, embedded: Model) -> None:
        from neurosym.models.transformers import TransformersModel
        from neurosym.search.prompt import messages

        file = Path(__file__).parent.parent / "examples" / "problems.jsonl"
        problems = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        requests = [
            Request(p["id"], messages(p["problem"], p.get("question"), p.get("options", ())), 2, 48) for p in problems
        ]
        assert isinstance(embedded, TransformersModel)
        one, eight = (replace(embedded, rows=rows) for rows in (1, 8))
        one._loaded = eight._loaded = embedded._loaded
        expected = proposed(one, requests)
        found = proposed(eight, requests)
        texts = [[[c.text for c in result[i]] for i in range(len(requests))] for result in (expected, found)]
        assert texts[0] == texts[1]


class TestOpenVINO:
    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("openvino")

    def test_it_says_what_it_cannot_run(self, tmp_path: Path, folder: Path) -> None:
        transformers = pytest.importorskip("transformers")
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        config = transformers.GPT2Config(vocab_size=257, n_embd=32, n_layer=2, n_head=4)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
        with pytest.raises(ModelError, match="runs Llama models, not gpt2"):
            proposed(load(f"openvino:{tmp_path}"))

    @pytest.mark.parametrize(
        ("options", "said"), [({"dtype": "float16"}, "int8, bfloat16, float32"), ({"device": "cuda"}, "'cuda'")]
    )
    def test_what_it_does_not_offer_is_named(self, folder: Path, options: dict[str, str], said: str) -> None:
        from neurosym.models.transformers import TransformersModel

        with pytest.raises(UsageError, match=said):
            proposed(TransformersModel(str(folder), openvino=True, **options))  # type: ignore[arg-type]

    def test_without_it_the_extra_is_named(self, folder: Path) -> None:
        code = (
            "import sys; sys.modules['openvino'] = None\n"
            "from neurosym.models import LineVerdict, Request, load\n"
            f"list(load('openvino:{folder}').propose([Request('a', (('user', '1'),), 1, 9)], "
            "check=lambda key, text: LineVerdict('sound'), seed=0))"
        )
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "MissingExtra" in ended.stderr
        assert "neurosym[openvino]" in ended.stderr

    @pytest.mark.model
    def test_eight_bits_are_faithful_and_rows_change_nothing(self, embedded: Model) -> None:
        """KL to float32 over right programs; the same programs from eight rows at a time and from 24."""
        from faithful import divergences, programs

        from neurosym.models.transformers import TransformersModel

        assert isinstance(embedded, TransformersModel)
        tokenizer, exact, _, _ = embedded._loaded
        model = load("openvino:")
        assert isinstance(model, TransformersModel)
        found = divergences(exact, model._loaded[1], programs(tokenizer, 4))
        assert len(found) > 100
        assert float(found.mean()) < 0.01
        requests = [Request(text, (("user", text),), 12, 12) for text in ("What is half of 18?", "Ann has 2 cats.")]
        one = replace(model, rows=1)
        one._loaded = model._loaded
        all_, eight = (
            {i: [c.text for c in candidates] for i, candidates in proposed(m, requests).items()} for m in (model, one)
        )
        assert all_ == eight


@pytest.fixture
def _httpx() -> None:
    pytest.importorskip("httpx")


@pytest.mark.usefixtures("_httpx")
class TestOpenAI:
    def model(self, server: Server, **more: Any) -> OpenAIModel:
        return OpenAIModel(server.url, "toy", **{"backoff": 0, **more})

    def test_what_is_sent(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        proposed(self.model(server), REQUESTS[:1])
        greedy, sampled = server.bodies
        assert (greedy["n"], greedy["temperature"]) == (1, 0)
        assert (sampled["n"], sampled["temperature"]) == (2, 0.7)
        assert greedy["messages"][1] == {"role": "user", "content": "What is 1 + 2?"}
        assert (greedy["model"], greedy["max_tokens"], greedy["logprobs"]) == ("toy", 12, True)
        assert server.headers == ["Bearer secret"] * 2
        assert "secret" not in repr(self.model(server, api_key="secret"))

    def test_the_grammar_goes_where_the_server_takes_it(self, server: Server) -> None:
        for grammar in ("structured_outputs", "ebnf", "none"):
            proposed(self.model(server, grammar=grammar), REQUESTS[1:2])
        vllm, sglang, neither = server.bodies
        assert vllm["structured_outputs"]["grammar"] == sglang["ebnf"]
        assert "start: _line* ask" in sglang["ebnf"]
        assert not {"structured_outputs", "ebnf"} & neither.keys()

    def test_a_bad_grammar_is_not_sent(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("neurosym.models.openai.load", lambda name: "start: missing\nNAME: /[a-z]+/\n")
        with pytest.raises(ModelError, match="not sent"):
            proposed(self.model(server), REQUESTS[1:2])
        assert server.bodies == []

    def test_answers_are_read(self, server: Server) -> None:
        choice = {"message": {"content": "```\nask 1\n```"}, "finish_reason": "stop", "logprobs": None}
        cut = {"message": {"content": "ask"}, "finish_reason": "length"}
        server.script = [(200, json.dumps({"choices": [choice, cut], "usage": {"completion_tokens": 8}}))]
        [found] = proposed(self.model(server), REQUESTS[1:2]).values()
        assert found == (Candidate("ask 1\n", None, 4, "end"),)
        server.script = [(200, json.dumps({"choices": [cut]}))]
        [found] = proposed(self.model(server), REQUESTS[1:2]).values()
        assert found == (Candidate("ask", None, 0, "length"),)

    def test_a_server_that_gives_one_choice_is_asked_again(self, server: Server) -> None:
        server.most = 1
        [found] = proposed(self.model(server), [replace(REQUESTS[0], n=4)]).values()
        assert len({c.text for c in found}) == 4
        assert len({body["seed"] for body in server.bodies}) == 4

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_busy_server_is_asked_again(self, server: Server, status: int) -> None:
        server.script = [(status, "busy"), (status, "busy")]
        assert len(proposed(self.model(server), REQUESTS[1:2])[0]) == 1
        assert len(server.bodies) == 3

    def test_a_server_that_stays_busy_is_a_model_error(self, server: Server) -> None:
        server.script = [(503, "overloaded")] * 9
        with pytest.raises(ModelError, match="503: overloaded"):
            proposed(self.model(server), REQUESTS[1:2])

    @pytest.mark.parametrize(
        ("status", "text", "says"),
        [
            (401, "no key", "401: no key"),
            (200, "<html>", "not JSON"),
            (200, '{"error": 1}', "not a chat completion"),
            (200, '{"choices": []}', "without any choices"),
        ],
    )
    def test_other_answers_are_model_errors_at_once(self, server: Server, status: int, text: str, says: str) -> None:
        server.script = [(status, text)]
        with pytest.raises(ModelError, match=says):
            proposed(self.model(server), REQUESTS[1:2])
        assert len(server.bodies) == 1

    def test_no_server_is_a_model_error(self) -> None:
        with pytest.raises(ModelError, match="ConnectError"):
            proposed(OpenAIModel("http://127.0.0.1:9/v1", "toy", backoff=0), REQUESTS[1:2])

    def test_wrong_settings_are_usage_errors(self) -> None:
        with pytest.raises(UsageError, match="structured_outputs, ebnf, none"):
            OpenAIModel("http://localhost/v1", "toy", grammar="gbnf")
        with pytest.raises(UsageError, match="http://"):
            OpenAIModel("localhost/v1", "toy")
        assert OpenAIModel.parse("qwen@https://here/v1#ebnf") == OpenAIModel("https://here/v1", "qwen", grammar="ebnf")


class TestRecorded:
    def test_rounds_follow_each_other(self, recording: Path) -> None:
        model = RecordedModel(recording)
        texts = [[c.text for c in proposed(model, [replace(REQUESTS[0], n=2)])[0]] for _ in range(3)]
        assert texts == [["ask 3\n", "ask 1 + 2\n"], ["ask 5\n"], []]
        assert proposed(model, [replace(REQUESTS[0], key="unknown")]) == {0: ()}

    def test_fields_are_kept(self, recording: Path) -> None:
        found = proposed(RecordedModel(recording))
        assert found[0][1] == Candidate("ask 1 + 2\n", -2.5, 7, "end")
        assert found[2][1] == Candidate("ask", None, 0, "length")

    def test_a_recording_replays_what_was_recorded(self, recording: Path, tmp_path: Path) -> None:
        model = record(RecordedModel(recording), tmp_path / "again.jsonl")
        assert model.name == "recorded:recorded.jsonl"
        rounds = [proposed(model) for _ in range(2)]
        replay = RecordedModel(tmp_path / "again.jsonl")
        assert [proposed(replay) for _ in range(2)] == rounds

    @pytest.mark.parametrize(
        "line",
        [
            "{",
            "[]",
            "{}",
            '{"key": "a"}',
            '{"key": 1, "candidates": []}',
            '{"key": "a", "candidates": [1]}',
            '{"key": "a", "candidates": [{"txt": ""}]}',
            '{"key": "a", "candidates": [{"text": 3}]}',
            '{"key": "a", "round": "0", "candidates": []}',
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str) -> None:
        path = tmp_path / "bad.jsonl"
        path.write_text('{"key": "b", "candidates": []}\n\n' + line + "\n")
        with pytest.raises(InputError, match="line 3"):
            RecordedModel(path)

    def test_a_round_is_given_once(self, tmp_path: Path) -> None:
        path = tmp_path / "twice.jsonl"
        path.write_text('{"key": "b", "candidates": []}\n' * 2)
        with pytest.raises(InputError, match="line 2: round 0 of 'b'"):
            RecordedModel(path)

    def test_files_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot read"):
            RecordedModel(tmp_path / "missing")
        with pytest.raises(InputError, match="cannot record"):
            record(RecordedModel(_empty(tmp_path)), tmp_path / "no" / "folder")


def _empty(folder: Path) -> Path:
    path = folder / "empty.jsonl"
    path.write_text("")
    return path
