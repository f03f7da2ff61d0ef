"""What looks like a name to the tagger and is none, and what a place is called for short."""

import re

# jieba's dictionary has these ordinary words as names of persons or places.
_AS_PERSONS = (
    "文明 文明史 文化周 文明办 高水平 高峰 高峰会 高新区 高端化 高达 高素质 高清 高昂 高精尖 高潮 高雅 高喊 高悬 高强 "
    "高薪 高中生 卫星 强降雨 强台风 祝贺 祝福 洪水 洪峰 银行卡 蓝图 段时间 康复 封锁 陆军 陆海空 阳光 阳春 查明 查清 "
    "白皮书 白名单 白领 白雪 顾问 顾客 安全感 安全法 安全观 安全带 安全性 安保 安危 安抚 安静 田野 田园 关怀 林木 古老 "
    "古琴 古建筑 古村落 许可 许可证 雷达 雷达站 雷雨 雷阵雨 雷霆 齐全 温馨 温泉 钱财 陈列 陈列馆 陈述 施暴 施政 沙尘 "
    "沙尘暴 沙滩 明星 明珠 明白 丘陵 成果展 成渝 晋级 晋升 盛夏 盛赞 严正 左转 张贴 辛勤 周密 周全 周边游 苗木 苗圃 "
    "胡同 毛巾 华丽 华章 华裔 谢谢 孙女 孙子 岳父 岳母 史诗 史实 史前 黄金档 黄金周 申请人 燕子 扬言 叶子 全家福 丛林 "
    "解密 冷却塔 冷汗 冷清 万幸 牛羊 范围广 盖房子 盖章 金刚 金秋 常见病 荣获 荣誉 宫殿 夏粮 夏收 夏管 夏播 夏令营 "
    "贺信 贺词 贺函 贺卡 连胜 童声 花开 花香 龙虾 龙舟 熊猫 廉政 武警 路基 乐曲声 米粉 汤圆 宁可 掌勺 令人 换新颜 切莫 "
    "二人 牟利 惠民 二十大"
)
_AS_PLACES = (
    "深度 广度 长度 中度 满意度 美丽 海洋 新春 大桥 大坝 大街 大海 大河 大洋 嘉宾 治国 治安 治沙 防沙 新建 新旧 新鲜 "
    "城市 城镇 城建 城乡 都市 大城市 大中城市 文明城市 港口城市 城中村 高原 平原 山区 山村 山镇 山水 山河 山林 山坡 "
    "高山 登山 上山 深海 深水 海港 海湾 海鲜 海岛 海滨 海滩 海沟 河湖 江河 河水 江水 内河 河谷 河滨 湖泊 湖畔 池塘 "
    "港湾 冰川 陡坡 下坡 惠及 波及 普及 英雄 古城 古镇 古都 古典 台风 滑坡 东西 南北 大江南北 喜庆 欢庆 欢度 庆典 "
    "热烈祝贺 缅怀 青春 中断 广大干部 上市 入市 上门 上岗 上路 上台 太阳 新城 重大意义 黑土地 爱国 建国 宜居 花海 扎根 "
    "回国 外国 大国 国内 境内 法治化 周边地区 偏远地区 沿海地区 加大力度 入海 闹海 串联 关联 入口 伦理 越野 加密 "
    "重特大 山水相连 长达 长大 长约 哥哥 太多 多角度 镇里 广义 神圣 之日起 立马 文明古国 确保安全 馆藏 重镇 各乡镇 "
    "云集 巴士 播撒 会徽 日增 密封 保鲜 沧桑 美化 锦旗 重建家园 依法治国 科教兴国 开园 攀崖 挪车 比超 占比 西进 卫健委"
)
ORDINARY = frozenset(f"{_AS_PERSONS} {_AS_PLACES}".split())
COUNTED = re.compile("[多各两几二三四五六七八九十]+[国区市省县州]")  # 多国, 四区

COUNTRIES = frozenset("中美俄英法德日韩朝印巴以伊乌欧澳加意西埃土叙黎沙泰越老缅柬菲新古白波")  # 俄美 for two of them
_PROVINCES = (
    "京北京 津天津 沪上海 渝重庆 冀河北 晋山西 辽辽宁 吉吉林 黑黑龙江 苏江苏 浙浙江 皖安徽 闽福建 赣江西 鲁山东 豫河南 "
    "鄂湖北 湘湖南 粤广东 桂广西 琼海南 川四川 蜀四川 贵贵州 黔贵州 云云南 滇云南 藏西藏 陕陕西 秦陕西 甘甘肃 陇甘肃 "
    "青青海 宁宁夏 新新疆 蒙内蒙古 港香港 澳澳门 台台湾"
)
PROVINCES = {item[0]: item[1:] for item in _PROVINCES.split()}
_SHORT = {name: char for char, name in PROVINCES.items()}
# Characters that spell foreign names.
_FOREIGN = frozenset(
    "阿埃艾安奥澳巴班邦包贝本比彼毕宾波伯博布查达戴丹德蒂迪登丁东杜多尔厄恩法菲费芬弗夫福盖甘冈哥戈格葛古瓜哈海汉赫亨胡华霍基吉济加贾简杰捷金"
    "卡凯坎康考科克肯孔库夸昆拉莱赖兰朗劳勒雷里利莉理丽连列林琳卢鲁路伦罗洛马玛麦曼梅门蒙米密敏莫墨默姆穆内纳奈南尼娜涅宁纽努诺欧帕潘庞佩彭皮平珀"
    "普奇齐契恰乔切琴茹瑞若萨塞赛桑瑟森沙山绍舍圣施史舒斯丝司苏索塔泰坦汤唐特提廷图托脱瓦万旺威韦维卫魏温文翁沃乌伍西希锡夏肖谢辛休许雅亚扬耶叶伊依"
    "因英尤于约泽扎詹珍朱兹佐"
)


def is_foreign(text: str) -> bool:
    """Say whether every character is one that foreign names are spelled with."""
    return _FOREIGN.issuperset(text)


def stands_short(text: str, article: str) -> bool:
    """Say whether the article names what ``text`` names: 京津 for 北京和天津, 北京 for 在京, 乌市 for 乌鲁木齐市."""
    if text in _SHORT:
        return bool(re.search(f"[在抵赴进离返来到]{_SHORT[text]}", article))
    if len(text) == len("乌市") and text[1] in "市县州区":
        return bool(re.search(f"{text[0]}[一-鿿]{{1,4}}{text[1]}", article))
    return all(_is_named(char, article) for char in text)


def _is_named(char: str, article: str) -> bool:
    if char in PROVINCES and PROVINCES[char] in article:
        return True
    return char in article and (char in COUNTRIES or char in PROVINCES)
