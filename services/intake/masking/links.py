"""Somebody's page in a social network or messenger: its address, or a name behind @."""

from __future__ import annotations

import re

from services.intake.masking.draft import LINK, Draft

_HOSTS = (
    r"(?:vk\.com|vkontakte\.ru|vk\.me|vk\.ru|ok\.ru|odnoklassniki\.ru|t\.me|telegram\.me|instagram\.com|facebook\.com|fb\.com|fb\.me|wa\.me|twitter\.com|x\.com"
    r"|tiktok\.com|my\.mail\.ru|max\.ru|viber\.me|вк\.(?:ком|com|ру)|вконтакте\.(?:ру|ком)|ок\.ру|т\.ме)"
)
_SIGNS = (".com/", ".ru/", ".me/", ".ком/", ".ру/", ".ме/")
_PAGE = re.compile(
    rf"(?:https?:/{{1,2}})?(?<![\w-])(?:(?:www|m|web|wap|new)\.)?{_HOSTS}/[@+]?[\w.%+/=?&-]{{2,100}}"
)
_NAME = re.compile(r"@(?<![\w.+-]@)[a-z][\w.]{3,31}(?![@\w])")


def hide_links(draft: Draft) -> None:
    """Hide pages; before numbers, because a page may be one."""
    if "/" in draft.folded and draft.mentions(_SIGNS):
        draft.hide_all(_PAGE, LINK)
    if "@" in draft.folded:
        draft.hide_all(_NAME, LINK)
