"""The httpx edge: a fake behind a client, sync or async, with no socket in between."""

from __future__ import annotations

import httpx

from mockserver.fake import Fake
from mockserver.faulty_transport import respond_faultily, respond_faultily_async
from mockserver.messages import Answer, Call
from mockserver.rendering import MEDIA_PREFIX
from mockserver.results import read_result
from mockserver.vendor import Vendor


def _answer(fake: Fake, request: httpx.Request, body: bytes) -> Answer:
    url = request.url
    text, _, query = url.raw_path.decode("latin-1").partition("?")
    headers = {name.lower(): value for name, value in request.headers.raw}
    if text.startswith(MEDIA_PREFIX + "/"):
        return read_result(fake, request.method, text, headers)
    # As over a socket: it is the header that names the server, and it may differ from the URL's.
    host = (headers.get(b"host") or url.netloc).decode("latin-1")
    found = fake.find_vendor(text, host)
    if found is None:
        message = f"{url} belongs to no vendor; served here: {', '.join(fake.vendors)}"
        raise httpx.ConnectError(message, request=request)
    whole: bytes | None = body if len(body) <= fake.settings.body_max else None
    call = Call(request.method, found[1], query, headers, whole, f"{url.scheme}://{host}")
    return fake.handle(found[0], call)[0] if fake.handover is None else _answer_and_settle(fake, found[0], call)


def _answer_and_settle(fake: Fake, vendor: Vendor, call: Call) -> Answer:
    """With webhooks around the call: those of a submit come later, never before the client has its answer."""
    fake.settle()
    answer, entry = fake.handle(vendor, call)
    if entry.operation is None or vendor.endpoints[entry.operation].kind.role != "submit":
        fake.settle()
    return answer


def _response(answer: Answer) -> httpx.Response:
    """The answer as httpx has it once it is read.

    `content=` would send the body through decoders and chunkers for as much time as the fake itself takes. Should httpx
    no longer look where the body is put, it reads the stream.
    """
    response = httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body))
    response._content = answer.body  # noqa: SLF001 - as said above
    response.is_closed = response.is_stream_consumed = True
    return response


class FakeTransport(httpx.BaseTransport):
    """For `httpx.Client(transport=FakeTransport(fake))`."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What the vendor answers; a URL of no vendor is a ConnectError, as a wrong host is."""
        answer = _answer(self.fake, request, request.read())
        return _response(answer) if answer.delivery is None else respond_faultily(answer, answer.delivery, request)


class AsyncFakeTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient(transport=AsyncFakeTransport(fake))`."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the vendor answers."""
        answer = _answer(self.fake, request, await request.aread())
        if answer.delivery is None:
            return _response(answer)
        return await respond_faultily_async(answer, answer.delivery, request)
