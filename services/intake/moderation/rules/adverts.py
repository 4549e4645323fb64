"""What is no appeal: a greeting, a congratulation, a trial message, an advertisement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_GREETINGS: Final = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "привет приветствую здравствуйте здравствуй здрасте добрый доброе доброго доброй доброго время времени суток утро день дня ночи"
        " вечер вечера всем вам и вашим близким вас хорошего спасибо спс благодарю большое ку тест тестовое тестирование сообщение это"
        " проверка связи связь алло ау отвечать не нужно пробное проба до свидания пока ок окей хай салют"
    ).split()
)
_MOST_OF_GREETING = 9
_WISH: Final = re.compile(
    r"поздравл[а-я]+(?: [а-я]+){0,3} с(?:о)? (?:дн|праздник|наступ|нов|юбиле|рожд|пасх|восьм|побед|днем)[а-я]*|(?<![а-я])с (?:наступающим|днем рождения|новым годом|праздником|юбилеем|рождеством|пасхой)"
    r"|(?<![а-я])желаю (?:всем |вам )?(?:здоровья|счастья|добра|успех)"
)
_ASKING: Final = re.compile(
    r"(?<![а-я])(?:прошу|просим|просьб|почему|когда|куда|помогите|примите|разбер|жалоб|почин|убер|сдела|не (?:работа|убира|чист|гор|вывоз|ход|могу|могла|могут)|нет (?:вод|свет|отоп|тепл)|нету|верн|провер|отремонт|проверьте|закрыл|мешает|сломан|ям[аы]|опять|забыл|обман|мошен|подскаж)"
)
_OFFERS: Final = (
    (
        2,
        r"^(?:куплю|продам|продаю|продаем|продается|сдам|сдаю|сниму|выкупим|требуются|срочно требуются|приглашаем на работу)",
    ),
    (
        2,
        r"по ценам? завод|под ключ|замер бесплатно|выезд бесплатн|без отказа|без справок|без поручител|казино|вулкан|приворот|порч[иу]|перешл[а-я]+ (?:[а-я]+ ){0,3}друзьям|бонус [а-я]+ игрок",
    ),
    (
        1,
        r"скидк|недорого|гаранти|звоните|заявк|на дому|розыгрыш|опыт \d|ежедневно|пишите? в (?:личк|телеграм|вотсап|директ)|оплата|пенсионерам скид|магия|работаем по|срочно требу|требуются|бесплатн",
    ),
    (
        2,
        r"(?:заработ|доход|получай)[а-я]*(?: [а-я]+){0,3} (?:от )?\d[\d ]*(?: ?(?:руб|р\.|тыс))?|инвестируй|подписывайтесь|переход[а-я]+ по ссылк|жми (?:сюда|на)|регистрация по ссылк|предлагаем (?:вам|вашей|свои)[а-я ]{0,30}услуг|услуги по (?:продвиж|ремонт|создан)",
    ),
    (
        1,
        r"кредит|займ|ссылк|(?:https?://|www\.)\S+|(?:t\.me|bit\.ly|vk\.cc)/\S+|@[a-z]\w{4,}|курьер|бурение|окна пвх|пластиковые окна|балконы|ремонт (?:стиральн|холодильн|компьютер|квартир)|на карту за \d|за (?:пять|\d+) минут|септик|натяжн",
    ),
)
_COMPILED: Final = tuple((weight, re.compile(pattern)) for weight, pattern in _OFFERS)
_ENOUGH: Final = 2
_LONGEST_ADVERT: Final = 600
_MAY_OFFER: Final = (
    "куплю", "прода", "сда", "сниму", "требую", "заказ", "цен", "ключ", "замер", "выезд", "отказа", "справок", "казино", "вулкан", "приворот", "порч", "друзьям",
    "скидк", "недорог", "гаранти", "розыгрыш", "заработ", "доход", "инвест", "подпис", "ссылк", "жми", "предлага", "услуги", "кредит", "займ", "http", "www", ".me/",
    ".ly/", "пиши", "оплата", "бесплатн", "магия", "бурение", "пвх", "бонус",
)  # fmt: skip


def find_not_appeal(folded: str, words: Sequence[str]) -> str | None:
    """The words that show that a text asks for nothing. `words`: its Russian words."""
    if not words:
        return None
    if len(words) <= _MOST_OF_GREETING and _GREETINGS.issuperset(words):
        return folded[:80]
    if len(folded) > _LONGEST_ADVERT:
        return None
    return _wish(folded) or _offer(folded)


def _wish(folded: str) -> str | None:
    wish = _WISH.search(folded) if "поздрав" in folded or "желаю" in folded or "с " in folded else None
    return wish.group() if wish and not _ASKING.search(folded) else None


def _offer(folded: str) -> str | None:
    if not any(map(folded.__contains__, _MAY_OFFER)):
        return None
    found = [(weight, match.group()) for weight, pattern in _COMPILED for match in pattern.finditer(folded)]
    if sum(weight for weight, _ in found) < _ENOUGH or _ASKING.search(folded):
        return None
    return max(found)[1]
