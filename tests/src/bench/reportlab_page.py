"""The page of the F21 sample made with ReportLab: same words, tables, code, strokes and a Chinese TrueType font.

Reads one line of JSON, answers "ready"; for each further line makes the page with another value and answers
"seconds bytes".
"""
import io
import json
import sys
import time
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

given = json.loads(sys.stdin.readline())
values, font = given["values"], "WenKai"
pdfmetrics.registerFont(TTFont(font, given["font"]))

base = ParagraphStyle("text", fontName=font, fontSize=12, leading=19, wordWrap="CJK", firstLineIndent=24)
flush = ParagraphStyle("flush", parent=base, firstLineIndent=0)
cell = ParagraphStyle("cell", parent=flush, fontSize=11, leading=15)
head = ParagraphStyle("head", parent=flush, fontSize=13, leading=22)
title = ParagraphStyle("title", parent=flush, fontSize=20, leading=30, alignment=TA_CENTER)
right = ParagraphStyle("right", parent=flush, alignment=TA_RIGHT)
small = ParagraphStyle("small", parent=flush, fontSize=9, leading=13)
grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.6, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])


class Strokes(Flowable):
    def __init__(self, label, strokes):
        super().__init__()
        self.label, self.strokes, self.width, self.height = label, strokes, 80 * mm, 14 * mm

    def draw(self):
        self.canv.setFont(font, 12)
        self.canv.drawString(0, 4 * mm, self.label)
        for stroke in self.strokes:
            path = self.canv.beginPath()
            for at, (x, y) in enumerate(stroke):
                step = path.moveTo if at == 0 else path.lineTo
                step(40 * mm + x * 36 * mm, (1 - y) * 12 * mm)
            self.canv.drawPath(path)


def code(text):
    widget = QrCodeWidget(text, barLevel="M", barBorder=4)
    left, bottom, far, top = widget.getBounds()
    side = 26 * mm
    drawing = Drawing(side, side, transform=[side / (far - left), 0, 0, side / (top - bottom), 0, 0])
    drawing.add(widget)
    return drawing


def words(text, style=base):
    return Paragraph(escape(text), style)


def table(rows, widths):
    return Table([[words(text, cell) for text in row] for row in rows], [w * mm for w in widths], style=grid)


def cited(rows):
    return "、".join(f"《{row['law']}》第{row['article']}条" for row in rows)


def page():
    party, vehicle, agency, rights = values["party"], values["vehicle"], values["agency"], values["rights"]
    story = [
        words(agency["name"], ParagraphStyle("agency", parent=title, fontSize=16)),
        words(given["title"], title),
        words(f"案号：{given['number']}", right),
        table(
            [
                ["当事人", party["name"], "性别", "男", "年龄", str(party["age"])],
                ["证件号码", party["id_no"], "电话", party["phone"], "从业资格证", party["qualification_no"]],
                ["住址", party["address"], "", "", "", ""],
            ],
            [20, 44, 16, 30, 24, 36],
        ),
        table([["车牌号及颜色", f"{vehicle['plate']} 黄色", "车辆类型", vehicle["type"]]], [32, 56, 28, 54]),
        Spacer(1, 3 * mm),
        words("违法事实及证据", head),
        words(
            f"当事人于2026年3月10日14时05分在{values['place']['text']}实施了下列违法行为：{values['facts']}。"
        ),
        words(f"上述事实有下列证据证明：{values['evidence_text']}。"),
        words("处罚依据和内容", head),
        words(
            f"上述行为违反了{cited(values['violated'])}的规定。依据{cited(values['basis'])}，经执法人员当场告知拟作出处罚的"
            "事实、理由、依据以及陈述、申辩的权利，现决定给予当事人下列行政处罚："
        ),
        words("□ 警告"),
        words("■ 罚款人民币（大写）壹佰元整，￥100.00元"),
        words(f"裁量理由：{values['discretion_reason']}"),
        words(
            "告知时间：2026年3月10日14时21分。当事人意见：■未提出陈述、申辩　□已提出，理由成立并采纳　□已提出，经复核不予采纳。"
        ),
        words("履行方式和期限", head),
        words(
            f"■自收到本决定书之日起十五日内缴纳，即在2026年3月25日前缴至{agency['bank']}，账号{agency['bank_account']}，"
            "或者通过电子支付系统缴纳。"
        ),
        words(rights["RN-6"]),
        words("救济途径", head),
        words(rights["RN-5S"]),
        words(rights["RN-7"]),
        Strokes("当事人（签名）：", given["strokes"]),
        Table([[Strokes("执法人员（签名）：", given["strokes"]), Strokes("执法人员（签名）：", given["strokes"])]]),
        words("执法证号：" + "、".join(officer["credential_no"] for officer in values["officers"]), flush),
        Table([[code(given["qr"]), [words(agency["name"], right), words("（印　章）", right), words("2026年3月10日", right)]]]),
        words(
            f"联系地址：{agency['address']}　邮编：{agency['postcode']}　联系人：{agency['contact']}　电话：{agency['phone']}"
            f" // 监督电话：{agency['complaint_phone']}",
            small,
        ),
        words("本决定书一式两份，一份交当事人，一份存档。文书编号：0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f", small),
    ]
    out = io.BytesIO()
    margins = dict(leftMargin=20 * mm, rightMargin=20 * mm, topMargin=20 * mm, bottomMargin=18 * mm)
    SimpleDocTemplate(out, pagesize=A4, title=given["title"], **margins).build(story)
    return out.getvalue()


print("ready", flush=True)
for count, _ in enumerate(sys.stdin):
    values["facts"] = f"第{count}次，" + given["facts"]
    started = time.perf_counter()
    pdf = page()
    print(f"{time.perf_counter() - started:.9f} {len(pdf)}", flush=True)
