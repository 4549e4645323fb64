"""Styles, scripts and pictures: ours, and what registry packages bring; served under a name that holds their checksum, so that
browsers may keep them for ever."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
# Package, path of a file in it, and under which name it is served (`infra/browser.lock` pins the packages).
_FROM_PACKAGES: Final = (
    ("django-htmx", "django_htmx/static/django_htmx/htmx-4.min.js", "vendor/htmx.js"),
    ("xstatic-leaflet", "xstatic/pkg/leaflet/data/leaflet.js", "vendor/leaflet.js"),
    ("xstatic-leaflet", "xstatic/pkg/leaflet/data/leaflet.css", "vendor/leaflet.css"),
)
_MARK: Final = 12  # letters of the checksum in a name


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served. `packed`: by gzip; empty where that saves nothing."""

    url: str
    content: bytes
    packed: bytes
    media_type: str


class Assets:
    """All files, read once."""

    def __init__(self) -> None:
        self._by_name = {name: _read(name, path) for name, path in _files()}
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Of a file by its name, such as `base.css`; KeyError where there is none: the page that asks is wrong."""
        return self._by_name[name].url

    def named(self, name: str) -> Asset:
        """A file that is served under its plain name, too."""
        return self._by_name[name]

    def find(self, url: str) -> Asset | None:
        """What lies at a path such as `/static/base.0123456789ab.css`."""
        return self._by_url.get(url)


def _files() -> list[tuple[str, Path]]:
    own = [(str(path.relative_to(_HERE)), path) for path in sorted(_HERE.rglob("*")) if path.suffix in _TYPES]
    return own + [(name, _in_package(package, path)) for package, path, name in _FROM_PACKAGES]


def _in_package(package: str, path: str) -> Path:
    try:
        return Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        raise RuntimeError(f"{package} is missing: run `make install`") from None


def _read(name: str, path: Path) -> Asset:
    content = path.read_bytes()
    stem, suffix = name.rsplit(".", 1)
    packed = gzip.compress(content, mtime=0)
    return Asset(
        url=f"/static/{stem}.{sha256(content).hexdigest()[:_MARK]}.{suffix}",
        content=content,
        packed=packed if len(packed) < len(content) else b"",
        media_type=_TYPES["." + suffix],
    )
