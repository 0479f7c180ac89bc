"""What Brightwheel buys and sells: categories and two hundred items, named in two languages."""

from dataclasses import dataclass
from decimal import Decimal

# By their codes: English, Chinese, the category above.
CATEGORIES: dict[str, tuple[str, str, str | None]] = {
    "PARTS": ("Components", "零部件", None),
    "GEAR": ("Accessories", "配件", None),
    "FRAMES": ("Frames and forks", "车架与前叉", None),
    "LIGHTS": ("Lights", "车灯", "GEAR"),
    "LOCKS": ("Locks and bells", "车锁与车铃", "GEAR"),
    "CARRY": ("Racks and bags", "货架与车包", "GEAR"),
    "PUMPS": ("Pumps and tools", "打气筒与工具", "GEAR"),
    "FENDERS": ("Mudguards", "挡泥板", "GEAR"),
    "BRAKES": ("Brakes", "刹车", "PARTS"),
    "DRIVE": ("Drivetrain", "传动系统", "PARTS"),
    "WHEELS": ("Wheels", "车轮", "PARTS"),
    "TYRES": ("Tyres and tubes", "外胎与内胎", "PARTS"),
    "COCKPIT": ("Cockpit", "车把系统", "PARTS"),
    "SEATS": ("Saddles and seat posts", "车座与座管", "PARTS"),
    "PEDALS": ("Pedals", "脚踏", "PARTS"),
    "RAHMEN": ("Frames", "车架", "FRAMES"),
    "FORKS": ("Forks", "前叉", "FRAMES"),
}


@dataclass(frozen=True)
class Goods:
    """An item as the demo company knows it."""

    sku: str
    name: str
    name_zh: str
    category: str
    unit: str
    # What the cheapest supplier asks, and what we ask, for one unit in EUR.
    cost: Decimal
    price: Decimal
    # How many customers buy at a time, and how often it is asked for beside the others.
    lot: int
    weight: int


# A family: letters of its SKUs | name | Chinese | category | unit | cost of its plainest item |
# price beside the cost | how many are bought at a time | how often it is asked for.
# An item, indented: what it is | Chinese | its cost beside the plainest.
_CATALOGUE = """
LAMP | Headlight | 前灯 | LIGHTS | pcs | 8.15 | 1.95 | 8 | 9
    40 lux | 40 勒克斯 | 1
    80 lux | 80 勒克斯 | 2.1
    100 lux, USB | 100 勒克斯 USB | 2.9
    dynamo 60 lux | 摩电 60 勒克斯 | 2.4
    e-bike 150 lux | 电助力车 150 勒克斯 | 4.2
    helmet mount | 头盔式 | 1.6
    retro chrome | 复古镀铬 | 1.9
REAR | Rear light | 尾灯 | LIGHTS | pcs | 4.20 | 1.95 | 8 | 8
    battery | 电池 | 1
    USB | USB | 1.8
    dynamo | 摩电 | 1.6
    brake light | 刹车感应 | 2.9
    seat post mount | 座管式 | 1.5
DYN | Hub dynamo | 花鼓发电机 | LIGHTS | pcs | 24.50 | 1.95 | 3 | 2
    3 W rim | 3 W 圈刹 | 1
    3 W disc | 3 W 碟刹 | 1.2
    3 W thru axle | 3 W 桶轴 | 1.6
PAD | Brake pads | 刹车片 | BRAKES | pcs | 3.40 | 1.95 | 20 | 10
    disc, organic | 碟刹 树脂 | 1
    disc, sintered | 碟刹 金属烧结 | 1.5
    rim, 55 mm | 圈刹 55 毫米 | 0.7
    rim, 72 mm | 圈刹 72 毫米 | 0.8
    e-bike, four pistons | 电助力车 四活塞 | 2.3
    cork, for carbon rims | 碳圈用软木 | 2.1
ROTOR | Brake disc | 碟片 | BRAKES | pcs | 7.80 | 1.95 | 8 | 6
    140 mm | 140 毫米 | 1
    160 mm | 160 毫米 | 1.1
    180 mm | 180 毫米 | 1.3
    203 mm | 203 毫米 | 1.6
    180 mm, center lock | 180 毫米 中锁 | 1.9
CALI | Brake caliper | 刹车钳 | BRAKES | pcs | 14.60 | 1.95 | 4 | 4
    rim, front | 圈刹 前 | 1
    rim, rear | 圈刹 后 | 1
    mechanical disc | 机械碟刹 | 1.4
    hydraulic disc | 液压碟刹 | 2.8
    hydraulic, four pistons | 液压 四活塞 | 3.9
LEVER | Brake lever | 刹把 | BRAKES | pcs | 6.90 | 1.95 | 6 | 4
    alloy, pair | 铝合金 一对 | 1
    hydraulic, left | 液压 左 | 3.1
    hydraulic, right | 液压 右 | 3.1
    for children | 儿童 | 0.8
CABLE | Cable set | 线管套装 | BRAKES | set | 2.10 | 1.95 | 20 | 5
    brake | 刹车线 | 1
    shift | 变速线 | 1.1
    brake, stainless | 不锈钢刹车线 | 1.9
    housing, 30 m | 线管 30 米 | 6.5
CHAIN | Chain | 链条 | DRIVE | pcs | 6.40 | 1.95 | 12 | 9
    single speed | 单速 | 1
    8-speed | 8 速 | 1.2
    9-speed | 9 速 | 1.5
    10-speed | 10 速 | 2.1
    11-speed | 11 速 | 2.8
    12-speed | 12 速 | 3.6
    e-bike 11-speed | 电助力车 11 速 | 3.2
CASS | Cassette | 飞轮 | DRIVE | pcs | 13.20 | 1.95 | 6 | 6
    8-speed 11-32 | 8 速 11-32 | 1
    9-speed 11-34 | 9 速 11-34 | 1.3
    10-speed 11-36 | 10 速 11-36 | 1.8
    11-speed 11-42 | 11 速 11-42 | 2.9
    12-speed 10-51 | 12 速 10-51 | 5.1
CRANK | Crankset | 曲柄组 | DRIVE | pcs | 31.00 | 1.95 | 3 | 3
    170 mm, 38 teeth | 170 毫米 38 齿 | 1
    170 mm, 46/30 | 170 毫米 46/30 | 1.6
    172.5 mm, 50/34 | 172.5 毫米 50/34 | 1.9
    175 mm, 32 teeth | 175 毫米 32 齿 | 1.5
    e-bike 165 mm | 电助力车 165 毫米 | 1.2
BB | Bottom bracket | 中轴 | DRIVE | pcs | 8.90 | 1.95 | 6 | 4
    BSA 68 mm | BSA 68 毫米 | 1
    BSA 73 mm | BSA 73 毫米 | 1
    press fit | 压入式 | 1.8
    Italian thread | 意大利螺纹 | 1.4
DERA | Rear derailleur | 后拨 | DRIVE | pcs | 19.50 | 1.95 | 4 | 4
    8-speed | 8 速 | 1
    9-speed | 9 速 | 1.3
    10-speed | 10 速 | 1.9
    11-speed | 11 速 | 2.7
    12-speed | 12 速 | 4.1
SHIFT | Shifter | 变速把手 | DRIVE | pcs | 11.40 | 1.95 | 5 | 4
    grip, 8-speed | 转把 8 速 | 1
    trigger, 9-speed | 指拨 9 速 | 1.6
    trigger, 11-speed | 指拨 11 速 | 2.9
    road, 2×11 | 公路 2×11 | 7.5
RIM | Rim | 轮圈 | WHEELS | pcs | 12.80 | 1.95 | 6 | 4
    20" | 20 英寸 | 1
    26" | 26 英寸 | 1.1
    28" trekking | 28 英寸 旅行 | 1.3
    29" tubeless | 29 英寸 真空 | 2.2
    28" carbon | 28 英寸 碳纤维 | 14
HUB | Hub | 花鼓 | WHEELS | pcs | 10.50 | 1.95 | 5 | 4
    front, quick release | 前 快拆 | 1
    rear, quick release | 后 快拆 | 1.8
    front, thru axle | 前 桶轴 | 2.2
    rear, thru axle | 后 桶轴 | 3.4
    rear, coaster brake | 后 倒刹 | 2.5
WHEEL | Wheel | 轮组 | WHEELS | pcs | 42.00 | 1.95 | 3 | 4
    28" front | 28 英寸 前 | 1
    28" rear | 28 英寸 后 | 1.4
    28" front, dynamo | 28 英寸 前 摩电 | 2.1
    29" front, disc | 29 英寸 前 碟刹 | 1.6
    29" rear, disc | 29 英寸 后 碟刹 | 1.9
    20" front | 20 英寸 前 | 0.8
SPOKE | Spokes, 72 pieces | 辐条 72 根 | WHEELS | set | 9.20 | 1.95 | 6 | 2
    254 mm | 254 毫米 | 1
    282 mm | 282 毫米 | 1
    292 mm | 292 毫米 | 1
    292 mm, black | 292 毫米 黑 | 1.4
TYRE | Tyre | 外胎 | TYRES | pcs | 9.60 | 1.95 | 16 | 10
    20 × 1.75 | 20 × 1.75 | 0.8
    26 × 2.00 | 26 × 2.00 | 1
    28 × 1.40 | 28 × 1.40 | 1.1
    28 × 1.75, puncture proof | 28 × 1.75 防刺 | 2
    29 × 2.25 | 29 × 2.25 | 2.2
    700 × 25 | 700 × 25 | 1.9
    700 × 32 | 700 × 32 | 1.8
    700 × 40 gravel | 700 × 40 砾石 | 2.6
    28 × 1.60 winter, studded | 28 × 1.60 冬季防滑钉 | 3.4
TUBE | Inner tube | 内胎 | TYRES | pcs | 1.90 | 1.95 | 40 | 10
    20" AV | 20 英寸 美嘴 | 1
    26" AV | 26 英寸 美嘴 | 1
    28" AV | 28 英寸 美嘴 | 1.05
    28" SV | 28 英寸 法嘴 | 1.05
    29" SV | 29 英寸 法嘴 | 1.2
    700 × 18-25 SV | 700 × 18-25 法嘴 | 1.1
    28" TPU | 28 英寸 TPU | 3.4
SEAL | Tubeless sealant | 真空胎密封液 | TYRES | pcs | 5.60 | 1.95 | 8 | 3
    150 ml | 150 毫升 | 1
    500 ml | 500 毫升 | 2.2
    1 l | 1 升 | 3.7
BAR | Handlebar | 车把 | COCKPIT | pcs | 11.90 | 1.95 | 5 | 4
    city, 620 mm | 城市 620 毫米 | 1
    riser, 740 mm | 燕把 740 毫米 | 1.4
    drop, 420 mm | 弯把 420 毫米 | 1.9
    drop, 440 mm | 弯把 440 毫米 | 1.9
    carbon riser | 碳纤维燕把 | 6.4
STEM | Stem | 把立 | COCKPIT | pcs | 9.40 | 1.95 | 5 | 3
    60 mm | 60 毫米 | 1
    80 mm | 80 毫米 | 1
    100 mm | 100 毫米 | 1
    adjustable | 可调 | 1.7
GRIP | Grips | 把套 | COCKPIT | set | 3.80 | 1.95 | 16 | 7
    rubber | 橡胶 | 1
    ergonomic | 人体工学 | 2.3
    leather | 真皮 | 4.6
    bar tape, black | 把带 黑 | 1.9
    bar tape, cork | 把带 软木 | 2.1
HEAD | Headset | 碗组 | COCKPIT | pcs | 8.30 | 1.95 | 5 | 3
    1 1/8" | 1 1/8 英寸 | 1
    tapered | 锥形 | 1.9
    integrated | 一体式 | 2.2
SADDLE | Saddle | 车座 | SEATS | pcs | 12.40 | 1.95 | 8 | 6
    city, gel | 城市 凝胶 | 1
    trekking | 旅行 | 1.3
    sport | 运动 | 1.6
    leather | 真皮 | 4.5
    for children | 儿童 | 0.7
    women's trekking | 女式 旅行 | 1.3
POST | Seat post | 座管 | SEATS | pcs | 8.60 | 1.95 | 6 | 4
    27.2 mm | 27.2 毫米 | 1
    30.9 mm | 30.9 毫米 | 1
    31.6 mm | 31.6 毫米 | 1
    suspension, 27.2 mm | 减震 27.2 毫米 | 3.2
    dropper, 31.6 mm | 升降 31.6 毫米 | 9.8
PEDAL | Pedals | 脚踏 | PEDALS | set | 7.20 | 1.95 | 10 | 6
    city | 城市 | 1
    platform, alloy | 铝合金平踏 | 2.4
    clipless, MTB | 山地锁踏 | 4.3
    clipless, road | 公路锁踏 | 5.2
    folding | 折叠 | 1.8
LOCK | Lock | 车锁 | LOCKS | pcs | 9.90 | 1.95 | 10 | 7
    cable, 10 mm | 钢缆 10 毫米 | 1
    folding, 85 cm | 折叠 85 厘米 | 3.6
    U-lock | U 形 | 2.7
    frame lock | 马蹄锁 | 1.4
    chain, 110 cm | 链条 110 厘米 | 2.5
BELL | Bell | 车铃 | LOCKS | pcs | 1.60 | 1.95 | 24 | 5
    classic, chrome | 经典 镀铬 | 1
    mini | 迷你 | 0.9
    brass | 黄铜 | 3.2
PUMP | Pump | 打气筒 | PUMPS | pcs | 8.80 | 1.95 | 6 | 5
    mini | 迷你 | 1
    floor, with gauge | 落地 带表 | 2.4
    CO2 inflator | 二氧化碳 | 1.1
    electric, USB | 电动 USB | 4.1
TOOL | Tool | 工具 | PUMPS | pcs | 5.10 | 1.95 | 8 | 4
    multi-tool, 12 functions | 12 合一 | 1.8
    tyre levers | 撬胎棒 | 0.4
    chain breaker | 截链器 | 1.5
    patch kit | 补胎套装 | 0.4
    torque wrench | 扭力扳手 | 6.2
RACK | Rear rack | 后货架 | CARRY | pcs | 16.80 | 1.95 | 5 | 4
    28", alloy | 28 英寸 铝合金 | 1
    26", alloy | 26 英寸 铝合金 | 1
    disc, 35 kg | 碟刹 35 千克 | 1.7
    e-bike | 电助力车 | 2
BAG | Bag | 车包 | CARRY | pcs | 13.60 | 1.95 | 6 | 5
    pannier, 20 l, pair | 驮包 20 升 一对 | 3.4
    handlebar, 7 l | 车把包 7 升 | 1.7
    saddle, 1 l | 座包 1 升 | 1
    frame, 4 l | 车架包 4 升 | 1.5
    basket, front | 前车篮 | 1.1
FEND | Mudguards | 挡泥板 | FENDERS | set | 10.20 | 1.95 | 8 | 5
    26", 60 mm | 26 英寸 60 毫米 | 1
    28", 45 mm | 28 英寸 45 毫米 | 1
    28", 53 mm | 28 英寸 53 毫米 | 1.1
    clip-on | 快装 | 0.9
    wooden | 木制 | 4.9
FRAME | Frame | 车架 | RAHMEN | pcs | 128.00 | 1.68 | 2 | 2
    city, 50 cm | 城市 50 厘米 | 1
    city, 55 cm | 城市 55 厘米 | 1
    trekking, 54 cm | 旅行 54 厘米 | 1.3
    trekking, 58 cm | 旅行 58 厘米 | 1.3
    gravel, 56 cm | 砾石 56 厘米 | 2.1
    e-bike, 52 cm | 电助力车 52 厘米 | 2.9
FORK | Fork | 前叉 | FORKS | pcs | 38.00 | 1.70 | 3 | 3
    rigid, 28" | 硬叉 28 英寸 | 1
    suspension, 63 mm | 避震 63 毫米 | 1.9
    suspension, 100 mm, air | 气压避震 100 毫米 | 4.6
    carbon, gravel | 碳纤维 砾石 | 5.4
KIT | Service kit | 保养套装 | PUMPS | set | 14.20 | 1.95 | 4 | 3
    city | 城市 | 1
    e-bike | 电助力车 | 1.6
    bleed kit, mineral oil | 矿物油排气 | 2.3
    workshop | 维修店 | 7.5
OIL | Chain oil | 链条油 | PUMPS | pcs | 2.40 | 1.95 | 24 | 6
    100 ml, dry | 100 毫升 干性 | 1
    100 ml, wet | 100 毫升 湿性 | 1
    500 ml | 500 毫升 | 3.2
CHILD | Child seat | 儿童座椅 | CARRY | pcs | 27.50 | 1.95 | 3 | 2
    rear | 后置 | 1
    front | 前置 | 0.9
    rear, reclining | 后置 可躺 | 1.8
KICK | Kickstand | 脚撑 | FENDERS | pcs | 3.90 | 1.95 | 10 | 4
    centre | 中置 | 1
    rear | 后置 | 1.2
    double leg | 双脚 | 2.6
MIRR | Mirror | 后视镜 | LOCKS | pcs | 3.20 | 1.95 | 8 | 3
    bar end | 把端 | 1
    handlebar, round | 车把式 圆形 | 0.9
    handlebar, wide | 车把式 宽面 | 1.2
    helmet | 头盔式 | 0.8
    e-bike, 45 km/h | 电助力车 45 公里 | 3.1
"""


def _items() -> tuple[Goods, ...]:
    items: list[Goods] = []
    for line in _CATALOGUE.strip().splitlines():
        parts = [part.strip() for part in line.split("|")]
        if not line.startswith(" "):
            prefix, kind, kind_zh, category, unit, base, margin, lot, weight = parts
            place = 0
            continue
        place += 1
        name, name_zh, factor = parts
        cost = (Decimal(base) * Decimal(factor)).quantize(Decimal("0.05"))
        price = (cost * Decimal(margin)).quantize(Decimal("0.1"))
        items.append(
            Goods(
                sku=f"{prefix}-{place:02d}",
                name=f"{kind} {name}",
                name_zh=f"{kind_zh} {name_zh}",
                category=category,
                unit=unit,
                cost=cost,
                price=price,
                lot=int(lot),
                weight=int(weight),
            )
        )
    return tuple(items)


ITEMS = _items()
