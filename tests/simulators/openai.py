"""An OpenAI-compatible endpoint on loopback that says what a test tells it to say."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What the model says to a request: text, tool calls, or how it fails.
Script = Callable[[dict[str, Any]], "Said"]


@dataclass(frozen=True)
class Said:
    """One reply: words, calls of functions (name, arguments as JSON text), and its manners."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    status: int = 200
    raw: str | None = None
    silent_seconds: float = 0
    # Between one word and the next.
    pause_seconds: float = 0


@dataclass
class Endpoint:
    """A running endpoint: its address, and every request it was sent."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def speaking(script: Script) -> Iterator[Endpoint]:
    """Run an endpoint that answers every chat completion by the script."""
    endpoint = Endpoint("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.requests.append(asked)
            said = script(asked)
            time.sleep(said.silent_seconds)
            try:
                self._reply(asked, said)
            except (BrokenPipeError, ConnectionResetError):
                # Who asked has given up waiting; that is what some tests are about.
                return

        def _reply(self, asked: dict[str, Any], said: Said) -> None:
            self.send_response(said.status)
            if said.raw is not None or said.status != 200:
                body = (said.raw or '{"error": {"message": "no"}}').encode()
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            if asked.get("stream"):
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for chunk in _chunks(said):
                    self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                    self.wfile.flush()
                    time.sleep(said.pause_seconds)
                self.wfile.write(b"data: [DONE]\n\n")
                return
            body = json.dumps(_whole(said)).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _calls(said: Said) -> list[dict[str, Any]]:
    return [
        {
            "index": place,
            "id": f"call_{time.monotonic_ns()}_{place}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for place, (name, arguments) in enumerate(said.calls)
    ]


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "simulated",
        "choices": [choice],
    }


def _chunks(said: Said) -> Iterator[dict[str, Any]]:
    yield _chunk({"role": "assistant", "content": ""})
    for word in said.text.split(" ") if said.text else []:
        yield _chunk({"content": word + " "})
    if said.calls:
        yield _chunk({"tool_calls": _calls(said)})
    yield _chunk({}, "tool_calls" if said.calls else "stop")


def _whole(said: Said) -> dict[str, Any]:
    message = {"role": "assistant", "content": said.text or None, "tool_calls": _calls(said)}
    finish = "tool_calls" if said.calls else "stop"
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "simulated",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
