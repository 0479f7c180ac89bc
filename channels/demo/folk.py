"""Whom Brightwheel deals with and who works there; every name is invented."""

from dataclasses import dataclass

# By their codes: English, Chinese, country, region.
TERRITORIES: dict[str, tuple[str, str, str, str]] = {
    "DE-NORTH": ("Germany North", "德国北部", "DE", "Europe"),
    "DE-SOUTH": ("Germany South", "德国南部", "DE", "Europe"),
    "BENELUX": ("Benelux", "比荷卢", "NL", "Europe"),
    "FRANCE": ("France", "法国", "FR", "Europe"),
    "NORDICS": ("Nordics", "北欧", "SE", "Europe"),
    "UK": ("United Kingdom", "英国", "GB", "Europe"),
    "CHINA": ("China", "中国", "CN", "Asia"),
}


@dataclass(frozen=True)
class Buyer:
    """A customer of the demo company."""

    name: str
    name_zh: str | None
    territory: str
    city: str
    # How much it buys beside the others, how late it pays, and how much it may owe.
    weight: int
    days_late: int
    limit: int
    group: str = "shop"

    @property
    def language(self) -> str:
        """The language that it is written to in."""
        return "zh" if self.territory == "CHINA" else "en"

    @property
    def email(self) -> str:
        """Where it is written to; nothing is ever sent there."""
        head = "".join(sign for sign in self.name.lower() if sign.isascii() and sign.isalnum())
        return f"orders@{head or 'customer'}.example"


def _buyers() -> tuple[Buyer, ...]:
    found = []
    for line in _BUYERS.strip().splitlines():
        name, name_zh, territory, city, weight, late, limit, group = (
            part.strip() for part in line.split("|")
        )
        found.append(
            Buyer(name, name_zh or None, territory, city, int(weight), int(late), int(limit), group)
        )
    return tuple(found)


# Name | Chinese | territory | city | weight | days late | credit limit | group
_BUYERS = """
Acme Bikes | 艾克米自行车 | DE-NORTH | Hamburg | 14 | 4 | 120000 | chain
Nordwind Fahrräder GmbH | 北风自行车 | DE-NORTH | Kiel | 12 | -2 | 80000 | chain
上海飞轮自行车有限公司 | 上海飞轮自行车有限公司 | CHINA | Shanghai | 11 | 6 | 100000 | distributor
Radhaus Elbe KG | 易北自行车行 | DE-NORTH | Dresden | 5 | 3 | 30000 | shop
Zweirad Petersen | 彼得森自行车 | DE-NORTH | Flensburg | 4 | 12 | 20000 | shop
Hafenrad Bremen | 不来梅港口自行车 | DE-NORTH | Bremen | 5 | 0 | 24000 | shop
Velo Hannover eG | 汉诺威自行车合作社 | DE-NORTH | Hanover | 6 | 1 | 36000 | shop
Kettenwerk Berlin | 柏林链轮 | DE-NORTH | Berlin | 8 | 9 | 50000 | shop
Spreerad GmbH | 施普雷自行车 | DE-NORTH | Berlin | 6 | 2 | 30000 | shop
Lastenrad Kollektiv | 货运自行车联盟 | DE-NORTH | Berlin | 4 | 20 | 16000 | shop
Ostsee Bikes | 波罗的海自行车 | DE-NORTH | Rostock | 3 | 5 | 16000 | shop
Radlager Leipzig | 莱比锡自行车库 | DE-NORTH | Leipzig | 4 | 0 | 20000 | shop
Alpenrad München GmbH | 慕尼黑阿尔卑斯自行车 | DE-SOUTH | Munich | 11 | -1 | 90000 | chain
Isar Cycles | 伊萨尔自行车 | DE-SOUTH | Munich | 6 | 3 | 30000 | shop
Bodensee Velo | 博登湖自行车 | DE-SOUTH | Konstanz | 4 | 7 | 20000 | shop
Schwarzwald Bikes | 黑森林自行车 | DE-SOUTH | Freiburg | 6 | 2 | 30000 | shop
Neckar Rad | 内卡自行车 | DE-SOUTH | Stuttgart | 5 | 4 | 24000 | shop
Donau Zweirad OHG | 多瑙自行车 | DE-SOUTH | Ulm | 3 | 15 | 16000 | shop
Frankenrad | 弗兰肯自行车 | DE-SOUTH | Nuremberg | 4 | 1 | 20000 | shop
E-Mobil Augsburg | 奥格斯堡电动出行 | DE-SOUTH | Augsburg | 5 | 6 | 30000 | shop
Main Bike Store | 美因自行车店 | DE-SOUTH | Frankfurt | 7 | 3 | 40000 | shop
Rheinrad Köln | 科隆莱茵自行车 | DE-SOUTH | Cologne | 6 | 8 | 30000 | shop
Fietsenwinkel Delft | 代尔夫特自行车店 | BENELUX | Delft | 5 | 0 | 24000 | shop
Amstel Fietsen BV | 阿姆斯特尔自行车 | BENELUX | Amsterdam | 9 | 2 | 70000 | chain
Rotterdam Rides | 鹿特丹骑行 | BENELUX | Rotterdam | 5 | 5 | 30000 | shop
Utrecht Cycle Works | 乌得勒支自行车工坊 | BENELUX | Utrecht | 4 | 3 | 20000 | shop
Vélo Bruxelles SA | 布鲁塞尔自行车 | BENELUX | Brussels | 5 | 14 | 30000 | shop
Gent Koerst | 根特赛车 | BENELUX | Ghent | 4 | 1 | 20000 | shop
Antwerp Wheels | 安特卫普车轮 | BENELUX | Antwerp | 3 | 6 | 16000 | shop
Grachtenfiets | 运河自行车 | BENELUX | Amsterdam | 3 | 2 | 16000 | shop
Cycles du Rhône | 罗讷自行车 | FRANCE | Lyon | 6 | 10 | 36000 | shop
Paris Vélo Services | 巴黎自行车服务 | FRANCE | Paris | 8 | 12 | 60000 | chain
Atlantique Cycles | 大西洋自行车 | FRANCE | Nantes | 4 | 5 | 20000 | shop
Alsace Roues | 阿尔萨斯车轮 | FRANCE | Strasbourg | 4 | 3 | 20000 | shop
Provence Bike Tours | 普罗旺斯骑游 | FRANCE | Avignon | 3 | 18 | 12000 | rental
Bordeaux à Vélo | 波尔多骑行 | FRANCE | Bordeaux | 4 | 4 | 20000 | shop
Toulouse Pédale | 图卢兹踏板 | FRANCE | Toulouse | 3 | 7 | 16000 | shop
Stockholm Cykel AB | 斯德哥尔摩自行车 | NORDICS | Stockholm | 7 | 0 | 50000 | chain
Malmö Hjul | 马尔默车轮 | NORDICS | Malmö | 4 | 1 | 20000 | shop
København Cykler | 哥本哈根自行车 | NORDICS | Copenhagen | 8 | -3 | 60000 | chain
Aarhus Bike Lab | 奥胡斯自行车实验室 | NORDICS | Aarhus | 4 | 2 | 20000 | shop
Oslo Sykkelverksted | 奥斯陆自行车维修 | NORDICS | Oslo | 4 | 4 | 24000 | shop
Helsinki Pyörä Oy | 赫尔辛基自行车 | NORDICS | Helsinki | 4 | 3 | 24000 | shop
Bergen Cycles | 卑尔根自行车 | NORDICS | Bergen | 3 | 9 | 16000 | shop
Thames Cycles Ltd | 泰晤士自行车 | UK | London | 8 | 5 | 60000 | chain
Bristol Bike Hub | 布里斯托自行车中心 | UK | Bristol | 4 | 2 | 20000 | shop
Pennine Wheels | 奔宁车轮 | UK | Leeds | 3 | 11 | 16000 | shop
Edinburgh Velo | 爱丁堡自行车 | UK | Edinburgh | 4 | 0 | 20000 | shop
Cam Valley Cycles | 剑河谷自行车 | UK | Cambridge | 5 | 1 | 24000 | shop
Manchester Spokes | 曼彻斯特辐条 | UK | Manchester | 4 | 6 | 20000 | shop
北京京轮车业有限公司 | 北京京轮车业有限公司 | CHINA | Beijing | 6 | 8 | 50000 | distributor
深圳远行单车有限公司 | 深圳远行单车有限公司 | CHINA | Shenzhen | 6 | 2 | 50000 | distributor
杭州西湖骑行俱乐部 | 杭州西湖骑行俱乐部 | CHINA | Hangzhou | 3 | 4 | 16000 | rental
成都山地车行 | 成都山地车行 | CHINA | Chengdu | 4 | 10 | 20000 | shop
广州南风自行车行 | 广州南风自行车行 | CHINA | Guangzhou | 4 | 3 | 24000 | shop
天津飞驰车业有限公司 | 天津飞驰车业有限公司 | CHINA | Tianjin | 5 | 5 | 40000 | distributor
苏州运河单车 | 苏州运河单车 | CHINA | Suzhou | 3 | 1 | 16000 | shop
青岛海岸骑行 | 青岛海岸骑行 | CHINA | Qingdao | 3 | 16 | 16000 | shop
Hanse Cargo Bikes | 汉萨货运自行车 | DE-NORTH | Lübeck | 4 | 0 | 20000 | shop
Tandem Tours Tübingen | 图宾根双人车 | DE-SOUTH | Tübingen | 2 | 25 | 10000 | rental
"""

BUYERS = _buyers()


@dataclass(frozen=True)
class Seller:
    """A supplier of the demo company: what it sells, how dear, how fast, from how much on."""

    name: str
    name_zh: str | None
    country: str
    city: str
    categories: tuple[str, ...]
    # Its price beside the cheapest one, its lead time, its least quantity.
    factor: str
    days: int
    minimum: int


def _sellers() -> tuple[Seller, ...]:
    found = []
    for line in _SELLERS.strip().splitlines():
        name, name_zh, country, city, categories, factor, days, minimum = (
            part.strip() for part in line.split("|")
        )
        found.append(
            Seller(
                name,
                name_zh or None,
                country,
                city,
                tuple(categories.split()),
                factor,
                int(days),
                int(minimum),
            )
        )
    return tuple(found)


# Name | Chinese | country | city | categories | price beside the cheapest | days | at least
_SELLERS = """
Lumen & Co | 流明照明 | NL | Eindhoven | LIGHTS | 1 | 7 | 10
Brightway Lighting GmbH | 明途照明 | DE | Hagen | LIGHTS | 1.03 | 3 | 1
宁波光达灯具有限公司 | 宁波光达灯具有限公司 | CN | Ningbo | LIGHTS | 0.94 | 35 | 200
Bremsbelag Müller KG | 米勒刹车片 | DE | Solingen | BRAKES | 1 | 5 | 10
Hydrostop AB | 海卓刹车 | SE | Gothenburg | BRAKES | 1.08 | 8 | 1
Kettenwerk Sauer GmbH | 绍尔链条 | DE | Schweinfurt | DRIVE | 1 | 6 | 5
Taichung Drive Systems | 台中传动系统 | TW | Taichung | DRIVE | 0.95 | 30 | 50
Velotrac Trading | 维乐传动贸易 | NL | Tilburg | DRIVE PEDALS | 1.07 | 4 | 1
Laufrad Manufaktur Jena | 耶拿车轮工坊 | DE | Jena | WHEELS | 1 | 9 | 4
Hangzhou Rim Works | 杭州轮圈厂 | CN | Hangzhou | WHEELS TYRES | 0.93 | 38 | 60
Gummi Hansen | 汉森橡胶 | DE | Hamburg | TYRES | 1 | 4 | 20
Pneu Atlantic SAS | 大西洋轮胎 | FR | Nantes | TYRES | 1.04 | 6 | 10
Cockpit Components Oy | 芬兰车把部件 | FI | Turku | COCKPIT | 1 | 8 | 5
Sattlerei Vogt | 福格特鞍具 | DE | Ulm | SEATS | 1 | 7 | 5
深圳骑士配件厂 | 深圳骑士配件厂 | CN | Shenzhen | COCKPIT SEATS PEDALS LOCKS | 0.96 | 32 | 40
Pedale Piemonte SRL | 皮埃蒙特脚踏 | IT | Turin | PEDALS SEATS | 1.02 | 9 | 5
Safelock International | 安锁国际 | NL | Venlo | LOCKS | 1 | 5 | 10
Werkzeug Krämer | 克雷默工具 | DE | Remscheid | PUMPS | 1 | 4 | 5
Touring Gear Ltd | 旅行装备 | GB | Sheffield | CARRY FENDERS | 1 | 10 | 5
Rahmenbau Thüringen GmbH | 图林根车架 | DE | Erfurt | RAHMEN FORKS FENDERS | 1 | 14 | 2
"""

SELLERS = _sellers()


@dataclass(frozen=True)
class Worker:
    """Somebody who works at the demo company, and what they may do in the house."""

    name: str
    job: str
    department: str
    hired: str
    salary: int
    login: str | None = None
    roles: tuple[str, ...] = ()
    language: str = "en"


# By their codes: English, Chinese.
DEPARTMENTS: dict[str, tuple[str, str]] = {
    "MANAGEMENT": ("Management", "管理层"),
    "SALES": ("Sales", "销售部"),
    "PURCHASING": ("Purchasing", "采购部"),
    "WAREHOUSE": ("Warehouse", "仓储部"),
    "FINANCE": ("Finance", "财务部"),
    "HR": ("Human Resources", "人力资源部"),
    "SERVICE": ("Customer Service", "客服部"),
    "MARKETING": ("Marketing", "市场部"),
    "PRODUCTION": ("Wheel Building", "轮组车间"),
}

WORKERS = (
    Worker("Maria Keller", "Managing director", "MANAGEMENT", "2015-03-01", 8200, "maria",
           ("manager",)),
    Worker("Viktor Brandt", "Deputy director", "MANAGEMENT", "2017-09-01", 7100, "viktor",
           ("manager",)),
    Worker("Omar Haddad", "Head of finance", "FINANCE", "2018-01-15", 5600, "omar",
           ("accountant",)),
    Worker("Petra Lindqvist", "Accountant", "FINANCE", "2021-04-01", 4100, "petra",
           ("accountant",)),
    Worker("Lena Fischer", "Head of sales", "SALES", "2016-05-01", 5400, "lena", ("sales",)),
    Worker("Tom Becker", "Sales representative", "SALES", "2020-02-01", 4200, "tom", ("sales",)),
    Worker("陈静", "Sales representative China", "SALES", "2021-08-01", 4300, "jing", ("sales",),
           "zh"),
    Worker("Sofia Rossi", "Sales representative", "SALES", "2022-10-01", 4000, "sofia",
           ("sales",)),
    Worker("王伟", "Head of purchasing", "PURCHASING", "2017-06-01", 5200, "wei", ("buyer",), "zh"),
    Worker("Klara Novak", "Buyer", "PURCHASING", "2022-01-10", 3900, "klara", ("buyer",)),
    Worker("Jonas Weber", "Warehouse manager", "WAREHOUSE", "2016-11-01", 4300, "jonas",
           ("warehouse",)),
    Worker("Emil Sand", "Warehouse clerk", "WAREHOUSE", "2023-03-01", 3100),
    Worker("Aylin Demir", "Warehouse clerk", "WAREHOUSE", "2024-05-01", 3000),
    Worker("Hana Sato", "Head of human resources", "HR", "2019-07-01", 4800, "hana", ("hr",)),
    Worker("Nina Vogel", "Customer service", "SERVICE", "2020-09-01", 3500, "nina", ("service",)),
    Worker("Marco Conti", "Customer service", "SERVICE", "2023-11-01", 3300),
    Worker("Julia Arndt", "Marketing manager", "MARKETING", "2021-02-01", 4400, "julia",
           ("marketing",)),
    Worker("Paul Richter", "Wheel builder", "PRODUCTION", "2015-10-01", 3800, "paul",
           ("production",)),
    Worker("李强", "Wheel builder", "PRODUCTION", "2022-06-01", 3400, None, (), "zh"),
    Worker("Greta Holm", "Apprentice", "PRODUCTION", "2024-09-01", 1400, "greta", ("employee",)),
)  # fmt: skip

# Subject and text of what was written and said; {customer} and {order} are filled in.
MESSAGES: tuple[tuple[str, str, str, str], ...] = (
    ("email", "in", "Delivery of {order}", "Hello, when will {order} arrive? Our workshop waits."),
    ("email", "out", "Re: delivery of {order}", "It left our warehouse today. Kind regards, Nina"),
    ("call", "out", "Spring offer", "Spoke with the shop manager; interested in lights and tyres."),
    ("call", "in", "Question about an invoice", "Asked for a copy of the last invoice; sent it."),
    ("meeting", "internal", "Visit in the shop", "Good season, wants 5 % on brake pads from 200."),
    ("note", "internal", "Payment", "Promised to pay the open invoice by the end of next week."),
    ("email", "in", "Complaint", "Two of the tyres in {order} have a cut in the side wall."),
    ("email", "out", "Re: complaint", "Sorry for that. We send two new ones with the next order."),
)
MESSAGES_ZH: tuple[tuple[str, str, str, str], ...] = (
    ("email", "in", "关于订单 {order} 的发货", "您好，{order} 什么时候能到？车间等着用。"),
    ("email", "out", "回复：{order} 的发货", "货物今天已从仓库发出。陈静"),
    ("call", "out", "春季报价", "与采购经理通话，对车灯和外胎感兴趣，希望下周收到报价单。"),
    ("meeting", "internal", "拜访客户", "旺季备货，计划六月底前再下一批订单。"),
    ("note", "internal", "付款", "承诺月底前付清未结发票。"),
    ("email", "in", "投诉", "{order} 中有两条外胎侧壁有裂口，请尽快处理。"),
)
