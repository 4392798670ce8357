"""Invented names, and the real codes they need: regions, authorities, agencies, products. Nobody real is meant."""

import random

from market_regulation.identifiers import make_organisation_code, make_uscc

# six-digit code (GB/T 2260), city as in an enterprise name, district
REGIONS = [
    ("310101", "上海", "黄浦区"), ("310104", "上海", "徐汇区"), ("310105", "上海", "长宁区"),
    ("310112", "上海", "闵行区"), ("310115", "上海", "浦东新区"), ("310117", "上海", "松江区"),
    ("320102", "南京", "玄武区"), ("320106", "南京", "鼓楼区"), ("320115", "南京", "江宁区"),
    ("320205", "无锡", "锡山区"), ("330106", "杭州", "西湖区"), ("330110", "杭州", "余杭区"),
    ("370102", "济南", "历下区"), ("440104", "广州", "越秀区"), ("440106", "广州", "天河区"),
    ("510104", "成都", "锦江区"),
]  # fmt: skip
INDUSTRIES = [
    "机电设备", "电子科技", "食品", "商贸", "物业管理", "电动自行车", "家居用品", "化工", "服饰", "玩具", "燃气具",
    "电缆", "建材", "五金制品", "酒店管理", "仓储物流",
]  # fmt: skip
SHOPS = ["便利店", "五金店", "车行", "电器商行", "服装店", "小吃店", "母婴用品店", "灯具店"]
SYLLABLES = "华盛宏达瑞丰恒信泰和嘉兴永顺广源鑫隆天成德润金海长青东方安康宝利远航星辉浩然正大凯旋思创鸿运百汇"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红"

# name, region code, characters 9-16 of the code, prefix of its decision numbers
_AUTHORITIES = [
    ("上海市浦东新区市场监督管理局", "310115", "00245101", "沪市监浦处罚"),
    ("上海市闵行区市场监督管理局", "310112", "00245202", "沪市监闵处罚"),
    ("南京市江宁区市场监督管理局", "320115", "01303303", "宁江市监处罚"),
    ("杭州市余杭区市场监督管理局", "330110", "00251404", "余市监处罚"),
]


def _body(prefix: str, region: str, organisation: str) -> str:
    return make_uscc(prefix + region + make_organisation_code(organisation))


# (name, USCC, prefix of decision numbers, region code)
AUTHORITIES = [(name, _body("11", region, org), prefix, region) for name, region, org, prefix in _AUTHORITIES]
SAMPLING_AUTHORITY = ("上海市市场监督管理局", _body("11", "310000", "00242201"))
SHANGHAI_INSTITUTE = ("上海市特种设备监督检验技术研究院", _body("12", "310000", "42500101"))
JIANGSU_INSTITUTE = ("江苏省特种设备安全监督检验研究院", _body("12", "320000", "46600201"))


def trade_name(rng: random.Random) -> str:
    """A fancy name of three syllables."""
    return "".join(rng.choices(SYLLABLES, k=3))


def person(rng: random.Random) -> str:
    """A person's name."""
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN_NAMES, k=rng.choice((1, 2))))
