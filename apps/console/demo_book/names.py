"""Invented businesses and people, in both scripts, with identifiers that pass their checks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random  # noqa: TID251 - a seeded generator of invented names

from stdnum.cn import ric, uscc

TOWNS = {
    "JN": (("Jinan", "济南"), ("Tai’an", "泰安"), ("Zibo", "淄博")),
    "QD": (("Qingdao", "青岛"), ("Yantai", "烟台"), ("Weifang", "潍坊")),
}
STEMS = (
    ("Songhua", "松花"),
    ("Taishan", "泰山"),
    ("Blue Lake", "蓝湖"),
    ("Hongda", "宏达"),
    ("Green Field", "绿野"),
    ("Golden Harvest", "金穗"),
    ("Red Maple", "红枫"),
    ("Bright Star", "明星"),
    ("Evergreen", "长青"),
    ("Spring Brook", "春溪"),
    ("Stone Bridge", "石桥"),
    ("Sea View", "海景"),
    ("Lucky Cloud", "祥云"),
    ("North Gate", "北门"),
    ("Silver Carp", "银鲤"),
    ("White Crane", "白鹤"),
    ("Morning Light", "晨光"),
    ("Old Well", "古井"),
)
TRADES = (
    ("Bakery", "烘焙", "Food manufacturing"),
    ("Machine Parts", "机械配件", "Metal products"),
    ("Clinic", "诊所", "Health care"),
    ("Logistics", "物流", "Transport"),
    ("Seeds", "种业", "Agriculture"),
    ("Textiles", "纺织", "Textiles"),
    ("Furniture", "家具", "Furniture"),
    ("Cold Store", "冷链", "Warehousing"),
    ("Printing", "印刷", "Printing"),
    ("Tea House", "茶馆", "Restaurants"),
    ("Software", "软件", "Information"),
    ("Building Supplies", "建材", "Wholesale"),
    ("Fishery", "水产", "Fishing"),
    ("Packaging", "包装", "Paper products"),
)
FAMILY = (
    ("Wang", "王"),
    ("Li", "李"),
    ("Zhang", "张"),
    ("Liu", "刘"),
    ("Chen", "陈"),
    ("Yang", "杨"),
    ("Zhao", "赵"),
    ("Sun", "孙"),
    ("Ma", "马"),
    ("Guo", "郭"),
)
GIVEN = (
    ("Wei", "伟"),
    ("Fang", "芳"),
    ("Min", "敏"),
    ("Jing", "静"),
    ("Lei", "磊"),
    ("Yan", "燕"),
    ("Tao", "涛"),
    ("Xia", "霞"),
    ("Jun", "军"),
    ("Hui", "慧"),
)
PURPOSES = (
    ("Stock for the winter season", "Receivables of three supermarket chains"),
    ("A second production line", "Sales under signed orders"),
    ("Refurbishing the premises", "Takings of the enlarged shop"),
    ("Raw material before the new year", "Sales of the first quarter"),
    ("Two refrigerated lorries", "Freight contracts of two years"),
    ("Paying suppliers earlier", "Discounts and the yearly margin"),
)


@dataclass(frozen=True, slots=True)
class Firm:
    """An invented business and the person behind it."""

    legal_name: str
    town: str
    industry: str
    identifier: str
    owner: str
    owner_id: str
    phone: str
    owner_phone: str
    email: str
    founded_on: dt.date
    employees: int


def firm(random: Random, serial: int, branch: str) -> Firm:
    """The ``serial``-th business, at a branch's town; every third carries its Chinese name."""
    (stem, stem_zh), (trade, trade_zh, industry) = random.choice(STEMS), random.choice(TRADES)
    (town, town_zh), chinese = random.choice(TOWNS[branch]), serial % 3 == 0
    (family, family_zh), (given, given_zh) = random.choice(FAMILY), random.choice(GIVEN)
    name = f"{town_zh}{stem_zh}{trade_zh}有限公司" if chinese else f"{stem} {trade} Co., {town}"
    return Firm(
        name, town_zh if chinese else town, industry, business_code(serial), family_zh + given_zh if chinese else f"{family} {given}",
        person_code(random, serial), f"+86531{80000000 + serial}", f"+86138{serial:08d}", f"office{serial}@firm.example",
        dt.date(random.randint(2005, 2021), random.randint(1, 12), random.randint(1, 28)), random.randint(4, 180),
    )  # fmt: skip


def business_code(serial: int) -> str:
    """A unified social credit code that passes its check."""
    base = f"91370100MA3{serial:06d}"
    return str(base + uscc.calc_check_digit(base))


def person_code(random: Random, serial: int) -> str:
    """A resident identity number that passes its check; the serial keeps it apart from all others."""
    born = dt.date(1960, 1, 1) + dt.timedelta(days=(serial * 37) % 12000)
    base = f"370102{born:%Y%m%d}{serial % 1000:03d}"
    return str(base + ric.calc_check_digit(f"{base}0"))
