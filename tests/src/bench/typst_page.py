"""The page of the F21 sample made with Typst in this process: same words, tables, code and strokes, fonts of the product.

Reads one line of JSON, answers "ready"; for each further line makes the page with another value and answers
"seconds bytes". The template is compiled again each time, as far as Typst does not remember it.
"""
import json
import sys
import tempfile
import time

import typst

given = json.loads(sys.stdin.readline())
home = tempfile.mkdtemp()
source = home + "/page.typ"
with open(source, "w") as file:
    file.write(r"""
#let given = json(bytes(sys.inputs.given))
#let v = given.values
#set document(title: given.title)
#set page(paper: "a4", margin: (top: 20mm, bottom: 18mm, x: 20mm),
    footer: context align(center)[#text(9pt)[第 #counter(page).display() 页　共 #counter(page).final().first() 页]])
#set text(font: ("Noto Serif SC", "HanaMinB"), size: 12pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 9pt, first-line-indent: (amount: 2em, all: true))
#let flush(body) = par(first-line-indent: 0em, body)
#let head(body) = flush(text(font: "Noto Sans SC", body))
#let cited(rows) = rows.map(row => "《" + row.law + "》第" + str(row.article) + "条").join("、")
#let strokes(label) = {
    box(grid(columns: 2, align: bottom, label, box(width: 36mm, height: 12mm, for stroke in given.strokes {
        place(curve(stroke: 1pt, curve.move((stroke.first().at(0) * 36mm, stroke.first().at(1) * 12mm)),
            ..stroke.slice(1).map(p => curve.line((p.at(0) * 36mm, p.at(1) * 12mm)))))
    })))
}
#align(center)[#text(16pt, weight: "bold", v.agency.name)]
#align(center)[#text(22pt, weight: "bold", given.title)]
#align(right)[案号：#underline(given.number)]
#[#set par(first-line-indent: 0em)
#set text(11pt)
#table(columns: (20fr, 44fr, 16fr, 30fr, 24fr, 36fr), align: horizon,
    [当事人], v.party.name, [性别], [男], [年龄], str(v.party.age),
    [证件号码], v.party.id_no, [电话], v.party.phone, [从业资格证], v.party.qualification_no,
    [住址], table.cell(colspan: 5, v.party.address))
#table(columns: (32fr, 56fr, 28fr, 54fr), [车牌号及颜色], v.vehicle.plate + " 黄色", [车辆类型], v.vehicle.type)]
#head[违法事实及证据]
当事人于2026年3月10日14时05分在#underline(v.place.text)实施了下列违法行为：#underline(v.facts)。

上述事实有下列证据证明：#underline(v.evidence_text)。
#head[处罚依据和内容]
上述行为违反了#cited(v.violated)的规定。依据#cited(v.basis)，经执法人员当场告知拟作出处罚的事实、理由、依据以及陈述、申辩的权利，现决定给予当事人下列行政处罚：

□ 警告

■ 罚款人民币（大写）壹佰元整，￥100.00元

裁量理由：#v.discretion_reason

告知时间：2026年3月10日14时21分。当事人意见：■未提出陈述、申辩　□已提出，理由成立并采纳　□已提出，经复核不予采纳。
#head[履行方式和期限]
■自收到本决定书之日起十五日内缴纳，即在2026年3月25日前缴至#v.agency.bank，账号#v.agency.bank_account，或者通过电子支付系统缴纳。

#v.rights.at("RN-6")
#head[救济途径]
#v.rights.at("RN-5S")

#v.rights.at("RN-7")

#flush(strokes("当事人（签名）："))
#flush(grid(columns: (1fr, 1fr), strokes("执法人员（签名）："), strokes("执法人员（签名）：")))
#flush[执法证号：#v.officers.map(officer => officer.credential_no).join("、")]
#grid(columns: (1fr, 1fr), image(bytes(given.code), format: "svg", width: 26mm),
    align(center + horizon)[#v.agency.name \ （印　章） \ 2026年3月10日])
#set text(9pt)
#flush[联系地址：#v.agency.address　邮编：#v.agency.postcode　联系人：#v.agency.contact　电话：#v.agency.phone \ 监督电话：#v.agency.complaint_phone]
#flush[本决定书一式两份，一份交当事人，一份存档。文书编号：0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f]
""")

fonts = typst.Fonts(include_system_fonts=False, font_paths=[given["fonts"], "/usr/share/fonts/truetype/hanazono"])
compiler = typst.Compiler(source, root=home, font_paths=fonts)


def page():
    return compiler.compile(format="pdf", sys_inputs={"given": json.dumps(given)}, pdf_standards=["a-2b"])


print("ready", flush=True)
for count, _ in enumerate(sys.stdin):
    given["values"]["facts"] = f"第{count}次，" + given["facts"]
    started = time.perf_counter()
    pdf = page()
    print(f"{time.perf_counter() - started:.9f} {len(pdf)}", flush=True)
