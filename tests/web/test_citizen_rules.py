"""What the citizens' pages decide by themselves: forms, codes, ratings, pictures."""

from __future__ import annotations

from datetime import date

import pytest

from web.citizen.rules.codes import draw_qr, grouped, typed_code
from web.citizen.rules.forms import announced, body_of, faults_of, forms_of, key_in, place_in, read_written
from web.citizen.rules.pictures import draw_cells, draw_months, middle_of, month_words, shades_of
from web.citizen.rules.ratings import rating_of
from web.citizen.views import Cell, ListedForm, Month
from web.platform.problems import FieldError, PlatformProblem

TOKEN = "token"


def problem(*pointers: str, slug: str = "invalid", status: int = 422) -> PlatformProblem:
    return PlatformProblem(status, slug, "", [FieldError(pointer=each) for each in pointers])


def test_what_is_empty_is_not_sent_and_what_is_strange_is_left_out() -> None:
    written = read_written(
        {
            "form_token": TOKEN,
            "key": "wgt_a-B_9",
            "text": "Яма\r\nна дороге ",
            "name": " Пётр ",
            "phone": "",
            "lat": "51.7",
            "lon": "nowhere",
            "form_key": "x",
        },
        ["no id", "01a227b0-19ed-738b-bbe1-9fb241c71bc2", "01a227b0-19ed-738b-bbe1-9fb241c71bc2"],
    )
    assert written.key == "wgt_a-B_9"
    assert body_of(written, written.files) == {
        "form_token": TOKEN,
        "text": "Яма\nна дороге",
        "applicant": {"name": "Пётр"},
        "attachments": ["01a227b0-19ed-738b-bbe1-9fb241c71bc2"],
    }


@pytest.mark.parametrize("key", ["", "wgt_", "wgt_a/../../appeals", "wgt_a?x=1", "key", "wgt_é"])
def test_a_key_that_could_lead_elsewhere_is_none(key: str) -> None:
    assert key_in(key) == ""


@pytest.mark.parametrize(
    ("lat", "lon", "there"),
    [
        ("51.7", "36.2", True),
        ("91", "36", False),
        ("nan", "36", False),
        ("inf", "1", False),
        ("", "", False),
    ],
)
def test_only_a_point_of_the_globe_is_a_place(lat: str, lon: str, there: bool) -> None:
    assert (place_in({"lat": lat, "lon": lon}) is not None) is there


def test_a_button_pressed_twice_is_known_by_form_and_text() -> None:
    first, again, other = (
        read_written({"form_token": TOKEN, "text": text}, []) for text in ("Яма", "Яма", "Фонарь")
    )
    assert first.identity == again.identity != other.identity


def test_faults_are_told_beside_their_fields() -> None:
    assert faults_of(problem("/text", "/applicant/email")).keys() == {"text", "applicant"}
    assert faults_of(problem(slug="attachment-refused")).keys() == {"attachments"}
    assert faults_of(problem()).keys() == {""}
    busy = faults_of(problem(slug="too-many-requests", status=429))
    assert busy == {"": "Слишком много запросов подряд. Подождите минуту и повторите."}


def form(key: str, region: str) -> ListedForm:
    return ListedForm(key=key, title=key, region=region, municipality=None)


def test_the_form_is_found_by_key_or_region_and_else_chosen() -> None:
    kursk, perm, town = form("a", "46"), form("b", "59"), form("c", "59")
    every = [kursk, perm, town]
    assert forms_of([kursk], "", "") == [kursk]
    assert forms_of(every, "46", "") == [kursk]
    assert forms_of(every, "59", "") == [perm, town]
    assert forms_of(every, "59", "c") == [town]
    assert forms_of(every, "77", "nosuch") == every
    assert forms_of([], "46", "") == []


def test_an_announcement_has_no_place_for_one_citizens_number() -> None:
    notice = "Улица ремонтируется до 5 мая. Ваше обращение {number} учтено. Извините!"
    assert announced(notice) == "Улица ремонтируется до 5 мая. Извините!"
    assert announced(None) == ""


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" 7kq2-AAAA-bbbb-CCCC-dddd ", "7kq2AAAAbbbbCCCCdddd"),
        ("https://otklik.example.ru/track/7KQ2-AAAA-BBBB-CCCC-DDDD/receipt", "7KQ2AAAABBBBCCCCDDDD"),
        ("../../api/v1/people", "people"),
        ("%2e%2e%2f", ""),
        ("--- …", ""),
    ],
)
def test_a_code_is_found_in_whatever_was_pasted(typed: str, code: str) -> None:
    assert typed_code(typed) == code


def test_a_code_is_shown_in_fours() -> None:
    assert grouped("7kq2AAAAbbbbCCCCdddd") == "7KQ2-AAAA-BBBB-CCCC-DDDD"


def test_a_qr_code_leaves_its_edge_empty() -> None:
    picture = draw_qr("https://otklik.example.ru/track/7KQ2-AAAA-BBBB-CCCC-DDDD")
    places = [tuple(map(int, each.split("h")[0].split())) for each in picture.path.split("M")[1:]]
    assert min(min(place) for place in places) == 4
    assert max(max(place) for place in places) == picture.size - 5


def test_a_rating_needs_a_score_and_whether_it_is_solved() -> None:
    full = {"score": "2", "solved": "no", "reached": "yes", "satisfied": "no", "comment": " Ничего "}
    assert rating_of(full) == {
        "score": 2,
        "solved": False,
        "reached": True,
        "satisfied": False,
        "comment": "Ничего",
    }
    assert rating_of({"score": "5", "solved": "yes", "comment": " "}) == {"score": 5, "solved": True}
    for wrong in (
        {"score": "5"},
        {"solved": "yes"},
        {"score": "6", "solved": "yes"},
        {"score": "5", "solved": "?"},
    ):
        assert rating_of(wrong) is None


def cell(lon: float, lat: float, received: int) -> Cell:
    ring = [(lon, lat), (lon + 0.1, lat), (lon + 0.05, lat + 0.1), (lon, lat)]
    return Cell.model_validate({"geometry": {"coordinates": [ring]}, "properties": {"received": received}})


def test_cells_lie_inside_the_picture_north_up() -> None:
    drawing = draw_cells([cell(36.0, 51.0, 5), cell(37.0, 52.0, 90)])
    assert drawing is not None
    low, high = (
        [tuple(map(float, point.split())) for point in each.path.strip("Mz").split("L")]
        for each in drawing.cells
    )
    assert max(y for _, y in high) < min(y for _, y in low), "what is north is above"
    assert all(0 <= x <= 1000 and 0 <= y <= drawing.height for x, y in (*low, *high))
    assert [each.shade for each in drawing.cells] == [1, len(drawing.legend)]
    assert draw_cells([]) is None
    assert draw_cells([cell(36.0, 51.0, 5)]) is not None


def test_shades_are_fifths_and_fewer_where_all_are_alike() -> None:
    assert shades_of(list(range(1, 101))) == [1, 21, 41, 61, 81]
    assert shades_of([7, 7, 7]) == [7]


def test_months_begin_with_the_first_that_is_shown() -> None:
    months = [
        Month.model_validate({"from": date(2026, number, 1), "received": received})
        for number, received in ((1, None), (2, 50), (3, None), (4, 100))
    ]
    assert [(bar.name, bar.height) for bar in draw_months(months)] == [("фев", 50), ("мар", 0), ("апр", 100)]
    assert draw_months(months[:1]) == []
    assert month_words(date(2026, 10, 1)) == "октябрь 2026"


def test_a_map_begins_in_the_middle_of_its_region() -> None:
    lat, lon = middle_of("46")
    assert (50 < lat < 53, 34 < lon < 39) == (True, True)
    assert 160 < middle_of("87")[1] < 200, "across the 180th meridian"
