"""The page of the F21 sample made with WeasyPrint: same words, tables, code and strokes, fonts of the product.

Reads one line of JSON, answers "ready"; for each further line makes the page with another value and answers
"seconds bytes".
"""
import json
import logging
import sys
import time
from html import escape

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

logging.disable(logging.WARNING)
given = json.loads(sys.stdin.readline())
fonts = FontConfiguration()
folder = given["fonts"]
sheet = CSS(
    string=f"""
@font-face {{ font-family: Song; src: url(file://{folder}/NotoSerifSC-Regular.otf) }}
@font-face {{ font-family: Hei; src: url(file://{folder}/NotoSansSC-Regular.otf) }}
@page {{ size: A4; margin: 20mm 20mm 18mm;
    @bottom-center {{ content: "第 " counter(page) " 页　共 " counter(pages) " 页"; font: 9pt Song }} }}
body {{ font: 12pt/19pt Song; text-align: justify }}
p {{ margin: 0; text-indent: 2em }} .flush {{ text-indent: 0 }} .small {{ font-size: 9pt; line-height: 13pt }}
h1 {{ font-size: 16pt; text-align: center; margin: 0 }} h2 {{ font-size: 22pt; text-align: center; margin: 6pt }}
h3 {{ font: 12pt/22pt Hei; margin: 0 }} .right {{ text-align: right }}
table {{ width: 100%; border-collapse: collapse; font-size: 11pt; line-height: 15pt }}
td {{ border: .6pt solid; padding: 2pt 4pt }} svg {{ vertical-align: bottom }}
""",
    font_config=fonts,
)


def table(rows):
    def cells(row):
        spare = f' colspan="{7 - len(row)}"' if len(row) == 2 else ""
        return "".join(f"<td{spare if at == 1 else ''}>{escape(text)}</td>" for at, text in enumerate(row))

    return "<table>" + "".join(f"<tr>{cells(row)}</tr>" for row in rows) + "</table>"


def strokes(label):
    lines = "".join(
        '<polyline fill="none" stroke="black" points="{}"/>'.format(" ".join(f"{x * 102:.2f},{y * 34:.2f}" for x, y in stroke))
        for stroke in given["strokes"]
    )
    return f'{label}<svg width="102pt" height="34pt" viewBox="0 0 102 34">{lines}</svg>'


def cited(rows):
    return "、".join(f"《{row['law']}》第{row['article']}条" for row in rows)


def body(values):
    party, vehicle, agency, rights = values["party"], values["vehicle"], values["agency"], values["rights"]
    paragraphs = lambda texts: "".join(f"<p>{escape(text)}</p>" for text in texts)
    return (
        f"<h1>{agency['name']}</h1><h2>{given['title']}</h2><p class=right>案号：<u>{given['number']}</u></p>"
        + table(
            [
                ["当事人", party["name"], "性别", "男", "年龄", str(party["age"])],
                ["证件号码", party["id_no"], "电话", party["phone"], "从业资格证", party["qualification_no"]],
                ["住址", party["address"]],
            ]
        )
        + table([["车牌号及颜色", f"{vehicle['plate']} 黄色", "车辆类型", vehicle["type"]]])
        + "<h3>违法事实及证据</h3>"
        + paragraphs(
            [
                f"当事人于2026年3月10日14时05分在{values['place']['text']}实施了下列违法行为：{values['facts']}。",
                f"上述事实有下列证据证明：{values['evidence_text']}。",
            ]
        )
        + "<h3>处罚依据和内容</h3>"
        + paragraphs(
            [
                f"上述行为违反了{cited(values['violated'])}的规定。依据{cited(values['basis'])}，经执法人员当场告知拟作出处罚的事实、"
                "理由、依据以及陈述、申辩的权利，现决定给予当事人下列行政处罚：",
                "□ 警告",
                "■ 罚款人民币（大写）壹佰元整，￥100.00元",
                f"裁量理由：{values['discretion_reason']}",
                "告知时间：2026年3月10日14时21分。当事人意见：■未提出陈述、申辩　□已提出，理由成立并采纳　□已提出，经复核不予采纳。",
            ]
        )
        + "<h3>履行方式和期限</h3>"
        + paragraphs(
            [
                f"■自收到本决定书之日起十五日内缴纳，即在2026年3月25日前缴至{agency['bank']}，账号{agency['bank_account']}，"
                "或者通过电子支付系统缴纳。",
                rights["RN-6"],
            ]
        )
        + "<h3>救济途径</h3>"
        + paragraphs([rights["RN-5S"], rights["RN-7"]])
        + f"<p class=flush>{strokes('当事人（签名）：')}</p>"
        + f"<p class=flush>{strokes('执法人员（签名）：')}　{strokes('执法人员（签名）：')}</p>"
        + f"<p class=flush>执法证号：{'、'.join(officer['credential_no'] for officer in values['officers'])}</p>"
        + f"<div style='float:left;width:26mm;height:26mm'>{given['code'].replace('<svg ', '<svg width=74pt height=74pt ', 1)}</div>"
        + f"<p class=right>{agency['name']}<br>（印　章）<br>2026年3月10日</p>"
        + f"<p class='flush small' style='clear:both'>联系地址：{agency['address']}　邮编：{agency['postcode']}　联系人：{agency['contact']}"
        + f"　电话：{agency['phone']}<br>监督电话：{agency['complaint_phone']}</p>"
        + "<p class='flush small'>本决定书一式两份，一份交当事人，一份存档。文书编号：0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f</p>"
    )


def page():
    html = f"<html lang=zh><title>{given['title']}</title><body>{body(given['values'])}</body></html>"
    return HTML(string=html).write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-2b")


print("ready", flush=True)
for count, _ in enumerate(sys.stdin):
    given["values"]["facts"] = f"第{count}次，" + given["facts"]
    started = time.perf_counter()
    pdf = page()
    print(f"{time.perf_counter() - started:.9f} {len(pdf)}", flush=True)
