"""Candidates from a server that speaks OpenAI's chat protocol (vLLM, SGLang, llama.cpp, the hosted ones).

The grammar goes along where the server takes one; a bad grammar has taken servers down (vLLM #43920), so ours is
compiled here first. Lines are not checked while a server decodes: a bad one is for the reader to report.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from neurosym.errors import MissingExtra, ModelError, UsageError
from neurosym.grammars import keywords, load
from neurosym.models.base import Candidate, LineCheck, Request, Training

if TYPE_CHECKING:
    import httpx

TRIES = 5
"""How often a call is tried where the server is busy or cannot be reached."""

_FENCED = re.compile(r"\s*```[a-z]*\n(.*?)```\s*", re.DOTALL)


@dataclass(frozen=True)
class OpenAIModel:
    """A model on a server.

    base_url:     up to and with `/v1`.
    model:        its name on the server.
    api_key:      None takes the environment's OPENAI_API_KEY; without one, none is sent.
    grammar:      how the server takes one: "structured_outputs" (vLLM from 0.12), "ebnf" (SGLang with the llguidance
                  backend), or "none".
    temperature:  of sampled candidates; the first is asked for at temperature 0.
    timeout:      seconds for one call.
    parallel:     how many calls are under way at once.
    backoff:      seconds before the second try of a call, doubled for each one after; the server's Retry-After wins.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    grammar: str = "structured_outputs"
    temperature: float = 0.7
    timeout: float = 120
    parallel: int = 8
    backoff: float = 0.5

    def __post_init__(self) -> None:
        if self.grammar not in _FIELDS:
            raise UsageError(f"grammar={self.grammar!r}: it is one of {', '.join(_FIELDS)}")
        if not re.match(r"https?://[^/]", self.base_url):
            raise UsageError(
                f"base_url={self.base_url!r}: it begins with http:// or https://, and mostly ends with /v1"
            )

    @classmethod
    def parse(cls, spec: str) -> OpenAIModel:
        """The model that `MODEL@URL` or `MODEL@URL#GRAMMAR` names. Raises UsageError."""
        model, at, url = spec.partition("@http")
        if not (model and at):
            raise UsageError(f"openai:{spec}: write openai:MODEL@URL, as in openai:qwen3@http://localhost:8000/v1")
        base_url, _, grammar = f"http{url}".partition("#")
        return cls(base_url, model, grammar=grammar or "structured_outputs")

    @property
    def name(self) -> str:
        """The model's name and its server's."""
        return f"{self.model}@{self.base_url.split('//', 1)[1].split('/', 1)[0]}"

    @property
    def training(self) -> Training | None:
        """None: what a server's weights were trained for, nobody tells."""
        return None

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """See `Model`. As repeatable as the server is; log-probabilities are its own, None where it sends none."""
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise MissingExtra("httpx", "serve") from error
        body = {"model": self.model, "logprobs": True, **_FIELDS[self.grammar](_grammar())}
        key = self.api_key or os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        pool = ThreadPoolExecutor(self.parallel, thread_name_prefix="neurosym-openai")
        try:
            with httpx.Client(timeout=self.timeout, headers=headers) as client:
                calls = {pool.submit(self._ask, client, body, r, seed): i for i, r in enumerate(requests)}
                for call in as_completed(calls):
                    yield calls[call], call.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, client: httpx.Client, body: Mapping[str, Any], request: Request, seed: int) -> tuple[Candidate, ...]:
        """One greedy candidate, and the others in as few calls as the server makes it."""
        messages = [{"role": role, "content": content} for role, content in request.messages]
        digest = sha256(f"{seed}\n{request.key}".encode()).digest()
        start = int.from_bytes(digest[:3])
        found: list[Candidate] = []
        while len(found) < request.n:
            n, temperature = (request.n - len(found), self.temperature) if found else (1, 0)
            more = {"messages": messages, "max_tokens": request.budget, "n": n, "temperature": temperature}
            new = _candidates(self._post(client, {**body, **more, "seed": start + len(found)}))
            if not new:
                raise ModelError(f"{self.name} answered without any choices")
            found += new[:n]
        return tuple(found)

    def _post(self, client: httpx.Client, body: Mapping[str, Any]) -> Any:
        import httpx

        for turn in range(TRIES):
            wait = self.backoff * 2**turn
            try:
                answer = client.post(f"{self.base_url.rstrip('/')}/chat/completions", json=body)
                if answer.status_code == 200:
                    return answer.json()
                problem = f"HTTP {answer.status_code}: {answer.text[:500]}"
                if answer.status_code != 429 and answer.status_code < 500:
                    break
                wait = _seconds(answer.headers.get("Retry-After"), wait)
            except httpx.TransportError as error:
                problem = f"{type(error).__name__}: {error}"
            except ValueError as error:
                problem = f"the answer is not JSON: {error}"
                break
            if turn + 1 < TRIES:
                time.sleep(wait)
        raise ModelError(f"{self.name} does not answer: {problem}")


_FIELDS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "structured_outputs": lambda grammar: {"structured_outputs": {"grammar": grammar}},
    "ebnf": lambda grammar: {"ebnf": grammar},
    "none": lambda grammar: {},
}


def _grammar() -> str:
    """The language's grammar for llguidance, seen to compile. Raises ModelError."""
    from neurosym.decoding.grammar import to_llguidance

    text = to_llguidance(load("ir"), keywords())
    try:
        import llguidance
    except ModuleNotFoundError:
        from lark import Lark
        from lark.exceptions import LarkError

        try:
            Lark(load("ir"), parser="lalr")
            problem = ""
        except LarkError as error:
            problem = str(error)
    else:
        problem = llguidance.LLMatcher.validate_grammar(text)
    if problem:
        raise ModelError(f"the grammar does not compile and is not sent: {problem}")
    return text


def _seconds(retry_after: str | None, otherwise: float) -> float:
    """How long the server asks to wait, at most a minute."""
    return min(float(retry_after), 60) if retry_after and retry_after.isdecimal() else otherwise


def _candidates(answer: Any) -> list[Candidate]:
    """The choices of an answer. Raises ModelError where it is not one of a chat completion."""
    try:
        choices = answer["choices"]
        spent = (answer.get("usage") or {}).get("completion_tokens", 0) // max(len(choices), 1)
        return [_one(choice, spent) for choice in choices]
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"the server's answer is not a chat completion: {str(answer)[:500]}") from error


def _one(choice: Any, spent: int) -> Candidate:
    text, whole = choice["message"]["content"] or "", choice["finish_reason"] != "length"
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    if whole and not text.endswith("\n"):
        text += "\n"  # servers strip the last newline
    tokens = (choice.get("logprobs") or {}).get("content")
    logprob = sum(token["logprob"] for token in tokens) if tokens else None
    return Candidate(text, logprob, len(tokens) if tokens else spent, "end" if whole else "length")
