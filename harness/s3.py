"""A stand-in for S3: one bucket in memory, with the calls that keeping blobs needs. Signatures are looked for, not checked."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Bucket:
    """What it keeps, and what it was asked: `METHOD /path`."""

    name: str = "files"
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False
    _parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    async def serve(self) -> tuple[asyncio.Server, str]:
        """The server, to be closed, and its address."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *lines = head.split("\r\n")
                headers = {
                    name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                method, target, _ = line.split(" ")
                status, more, content = self._answer(method, target, headers, body)
                extra = "".join(f"{name}: {value}\r\n" for name, value in more.items())
                length = more.get("content-length", str(len(content)))
                sized = "" if "content-length" in more else f"content-length: {length}\r\n"
                writer.write(f"HTTP/1.1 {status} x\r\n{sized}{extra}\r\n".encode() + content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(target)
        query = parse_qs(url.query, keep_blank_values=True)
        key = unquote(url.path).removeprefix(f"/{self.name}/")
        self.asked.append(f"{method} {key}")
        if self.is_away:
            return 503, {}, b""
        if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
            return 403, {}, b""
        if method == "PUT":
            return self._put(key, query, body)
        if "delete" in query:
            return self._delete(body.decode())
        if method == "POST":
            return self._post(key, query)
        return self._get(method, key, headers)

    def _put(self, key: str, query: dict[str, list[str]], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if "partNumber" in query:
            self._parts[query["uploadId"][0]][int(query["partNumber"][0])] = body
        else:
            self.objects[key] = body
        return 200, {"etag": f'"{uuid4().hex}"'}, b""

    def _post(self, key: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        if "uploads" in query:
            upload = uuid4().hex
            self._parts[upload] = {}
            answer = f"<Bucket>{self.name}</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>"
            return (
                200,
                {},
                f"<InitiateMultipartUploadResult>{answer}</InitiateMultipartUploadResult>".encode(),
            )
        parts = self._parts.pop(query["uploadId"][0])
        self.objects[key] = b"".join(parts[number] for number in sorted(parts))
        answer = f"<Bucket>{self.name}</Bucket><Key>{key}</Key><ETag>x</ETag>"
        return 200, {}, f"<CompleteMultipartUploadResult>{answer}</CompleteMultipartUploadResult>".encode()

    def _delete(self, listed: str) -> tuple[int, dict[str, str], bytes]:
        deleted = ""
        for key in re.findall(r"<Key>(.*?)</Key>", listed):
            self.asked.append(f"DELETE {key}")
            self.objects.pop(key, None)
            deleted += f"<Deleted><Key>{key}</Key></Deleted>"
        return 200, {}, f"<DeleteResult>{deleted}</DeleteResult>".encode()

    def _get(self, method: str, key: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if key not in self.objects:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        content = self.objects[key]
        known = {"last-modified": "Mon, 30 Nov 2026 09:00:00 GMT", "etag": '"x"'}
        if method == "HEAD":
            return 200, {**known, "content-length": str(len(content))}, b""
        if asked := _RANGE.fullmatch(headers.get("range", "")):
            first, last = int(asked[1]), int(asked[2] or len(content) - 1)
            part = content[first : last + 1]
            return 206, {**known, "content-range": f"bytes {first}-{last}/{len(content)}"}, part
        return 200, known, content
