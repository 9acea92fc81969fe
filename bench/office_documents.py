"""The documents of office_corpus.py: what pandoc and LibreOffice are given, and the references.

The references are in the form that docs/FORMATS.md promises: tables of Markdown, `[^1]` where a
footnote is referred to, `Notes:` before what a speaker has to say, a sheet's cells parted by tabs.
"""
import html
import json

from printed_documents import FREE, Block

# What typesetters cannot print and Office files can hold: beyond the BMP, combining, joining, and
# characters that a format writes in a way of its own.
UNUSUAL = ["“quoted” ‘so’ – and — thus… 10\u00A0€ ½ ™", "😀 👩\u200D💻 𠮷野家 𝒳", "e\u0301 o\u0308 नमस्ते ไทย",
           "{braces} \\back\\slash <tag> &amp; \"x\" 'y'", "Ω≈ç√∫ ﬁ Ǆ ǅ ſ", "עברית\u200F (1) العربية\u200E [2]",
           "non\u2011breaking co\u00ADoperate zero\u200Bwidth", "a|b *c* _d_ `e` [f](g) [^h] # i ~j~ $k$", "日本語・한국어、中文。（全角）"]


def with_unusual(rng, blocks):
    out = []
    for block in blocks:
        if block.kind == "para" and rng.random() < 0.12 and not hasattr(block, "note"):
            block = Block("para", block.runs + [("", " " + rng.choice(UNUSUAL))])
        out.append(block)
    return out


def text_of(block):
    return "".join(f"[^{text}]" if style == "note" else text for style, text in block.runs)


def table_lines(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * len(rows[0])] + lines[1:]


def by_chapter(blocks):
    """As pandoc's e-books count notes: from 1 in each chapter, which a heading begins."""
    out, count = [], 0
    for block in blocks:
        count = 0 if block.kind == "heading" else count
        if hasattr(block, "note"):
            count += 1
            note, runs = Block("note", block.note.runs, mark=str(count)), block.runs[:-1] + [("note", str(count))]
            block = Block(block.kind, runs, mark=block.mark)
            block.note = note
        out.append(block)
    return out


def reference(blocks, numbered=True):
    """`numbered`: the numbers of items are text; of PPT they are not read."""
    lines = []
    for block in blocks:
        if block.kind == "pre":
            lines += block.rows
        elif block.kind == "table":
            lines += table_lines(block.rows)
        elif block.kind == "item":
            lines.append(f"{block.mark} {text_of(block)}" if numbered else text_of(block))
        else:
            lines.append(text_of(block))
        if hasattr(block, "note"):
            lines.append(f"{FREE}[^{block.note.mark}]: {text_of(block.note)}")
    return "\n".join(lines) + "\n"


# pandoc's abstract document, as JSON: no reader stands between the text and the writers.

def words(text):
    out = []
    for i, word in enumerate(text.split(" ")):
        out += [{"t": "Space"}] if i else []
        out += [{"t": "Str", "c": word}] if word else []
    return out


def inlines(block):
    out = []
    kinds = {"b": "Strong", "i": "Emph", "sup": "Superscript", "sub": "Subscript"}
    for style, text in block.runs:
        if style == "note":
            out.append({"t": "Note", "c": [{"t": "Para", "c": inlines(block.note)}]})
        elif style == "tt":
            out.append({"t": "Code", "c": [["", [], []], text]})
        elif style in kinds:
            out.append({"t": kinds[style], "c": words(text)})
        else:
            out += words(text)
    return out


def pandoc_table(rows):
    def row(cells):
        return [["", [], []], [[["", [], []], {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": words(c)}]] for c in cells]]
    columns = [[{"t": "AlignDefault"}, {"t": "ColWidthDefault"}] for _ in rows[0]]
    return {"t": "Table", "c": [["", [], []], [None, []], columns, [["", [], []], [row(rows[0])]],
                                [[["", [], []], 0, [], [row(r) for r in rows[1:]]]], [["", [], []], []]]}


def pandoc_blocks(blocks, level):
    out, list_of = [], None  # (the kind and the next number of the list that is open)
    for block in blocks:
        if block.kind == "item":
            item = [{"t": "Para", "c": inlines(block)}]
            number = int(block.mark[:-1]) if block.mark[0].isdigit() else 0
            if list_of is not None and list_of == number:
                (out[-1]["c"][1] if number else out[-1]["c"]).append(item)
            elif number:
                out.append({"t": "OrderedList", "c": [[number, {"t": "Decimal"}, {"t": "Period"}], [item]]})
            else:
                out.append({"t": "BulletList", "c": [item]})
            list_of = number + 1 if number else 0
            continue
        list_of = None
        if block.kind == "heading":
            out.append({"t": "Header", "c": [level, ["", [], []], inlines(block)]})
        elif block.kind == "pre":
            out.append({"t": "CodeBlock", "c": [["", [], []], "\n".join(block.rows)]})
        elif block.kind == "table":
            out.append(pandoc_table(block.rows))
        else:
            out.append({"t": "Para", "c": inlines(block)})
    return out


def pandoc_json(blocks, level=2, meta=None):
    strings = {key: {"t": "MetaInlines", "c": words(value)} for key, value in (meta or {}).items()}
    content = blocks if blocks and isinstance(blocks[0], dict) else pandoc_blocks(blocks, level)
    return json.dumps({"pandoc-api-version": [1, 22, 2, 1], "meta": strings, "blocks": content})


def slides(rng, blocks):
    """[(title, blocks, notes)]: a table alone on its slide, as pandoc would part them otherwise."""
    out, title = [], ""
    blocks = [Block(b.kind, [r for r in b.runs if r[0] != "note"], mark=b.mark, rows=b.rows) for b in blocks]
    for block in blocks:
        if block.kind == "heading":
            title = block.text()
            out.append((title, [], []))
            continue
        full = not out or len(out[-1][1]) >= 4 or block.kind == "table" or any(b.kind == "table" for b in out[-1][1])
        if full:
            out.append((f"{title or 'Callslip'} ({len(out) + 1})", [], []))
        if block.kind == "para" and rng.random() < 0.15:
            out[-1][2].append(block)
        else:
            out[-1][1].append(block)
    return [s for s in out if s[1]]


def slides_json(made):
    out = []
    for title, blocks, notes in made:
        out.append({"t": "Header", "c": [1, ["", [], []], words(title)]})
        out += pandoc_blocks(blocks, 2)
        if notes:
            out.append({"t": "Div", "c": [["", ["notes"], []], pandoc_blocks(notes, 2)]})
    return pandoc_json(out)


def slides_reference(made, numbered=True):
    lines = []
    for title, blocks, notes in made:
        lines += [title, reference(blocks, numbered).rstrip("\n")]
        if notes:
            lines += ["Notes:", reference(notes, numbered).rstrip("\n")]
    return "\n".join(lines) + "\n"


# Sheets.

def sheet_words(rng, blocks):
    texts = [b.text() for b in blocks if b.kind in ("para", "item")]
    texts = [t if len(t) < 60 else t[:60].rstrip() for t in texts]
    return [t for t in texts if t and t[0] not in "=+-'"] or ["Callslip"]


def plain_sheet(rng, blocks):
    """Rows of (text, is_text): cells that a spreadsheet shows as they were written."""
    texts = sheet_words(rng, blocks)
    names = ["Name", "Ort", "Дата", "数", "Σ", "نص", "%", "empty", "t"]
    rows = [[(name, True) for name in names]]
    for _ in range(150):
        rows.append([
            (rng.choice(texts), True), (rng.choice(UNUSUAL + ["007", "1e5", "TRUE", "2024-01-01", "a, \"b\"; c", "x  y"]), True),
            (f"{rng.randint(1950, 2049)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", False),
            (str(rng.randint(-10 ** 9, 10 ** 9)), False),
            (f"{rng.randint(-9999, 9999)}.{rng.randint(1, 99999)}".rstrip("0"), False) if rng.random() < 0.8 else ("", False),
            (rng.choice(texts).split(" ")[0], True), (rng.choice(["0.5", "0.001", "-0.25", "1234567.875", "0"]), False),
            ("", False), (f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}", False)])
    return rows


def csv_of(rows):
    return "".join(",".join('"' + t.replace('"', '""') + '"' if is_text else t for t, is_text in row) + "\n" for row in rows)


def sheet_reference(sheets):
    """Of [(name, rows of texts)]; columns and rows that are empty throughout are left out."""
    lines = []
    for name, rows in sheets:
        width = max(map(len, rows), default=0)
        used = [i for i in range(width) if any(i < len(row) and row[i].strip() for row in rows)]
        lines.append(name)
        for row in rows:
            line = "\t".join(" ".join(row[i].split()) if i < len(row) else "" for i in used).rstrip("\t")
            lines += [line] if line else []
    return "\n".join(lines) + "\n"


# LibreOffice's names of months are not those of Unicode's CLDR, or not of the Gregorian calendar.
OTHER_MONTHS = ("ar", "ca", "fa", "hr", "ja", "ko", "vi", "zh")


def number_styles(language):
    """Of the formatted sheet: name, data style, value type, a value as its attribute."""
    language = "en-US" if language[:2] in OTHER_MONTHS else language
    code, country = language.split("-")
    where = f'number:language="{code}" number:country="{country}"'
    def number(rng):
        return rng.choice([rng.randint(-99999, 99999), round(rng.uniform(-5000, 5000), 3), 0, 0.5, 1234567.891, -0.004])
    def share(rng):
        return rng.choice([0.125, 0.5, 1, -0.0333, 12.5])
    def date(rng):
        return f"{rng.randint(1910, 2090)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    def time(rng):
        return f"PT{rng.randint(0, 40):02}H{rng.randint(0, 59):02}M{rng.randint(0, 59):02}S"
    def instant(rng):
        # Of a whole minute LibreOffice shows the one before where 15 digits round it down.
        return date(rng) + f"T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(1, 59):02}"
    digits = 'number:decimal-places="{}" number:min-decimal-places="{}" number:min-integer-digits="1"'
    two = digits.format(2, 2)
    colon, dash = "<number:text>:</number:text>", "<number:text>-</number:text>"
    clock = f'<number:hours number:style="long"/>{colon}<number:minutes number:style="long"/>'
    year = '<number:year number:style="long"/>'
    return [
        ("two", f'<number:number-style style:name="N1"><number:number {two}/></number:number-style>', "float", number),
        ("grouped", f'<number:number-style style:name="N2"><number:number {two} number:grouping="true"/></number:number-style>', "float", number),
        ("whole", f'<number:number-style style:name="N3"><number:number {digits.format(0, 0)} number:grouping="true"/></number:number-style>', "float", number),
        ("percent", f'<number:percentage-style style:name="N4"><number:number {digits.format(1, 1)}/><number:text>%</number:text></number:percentage-style>', "percentage", share),
        ("euro", f'<number:number-style style:name="N5"><number:number {two} number:grouping="true"/><number:text> €</number:text></number:number-style>', "float", number),
        ("power", f'<number:number-style style:name="N6"><number:scientific-number {two} number:min-exponent-digits="2"/></number:number-style>', "float", number),
        ("fraction", '<number:number-style style:name="N7"><number:fraction number:min-integer-digits="0" number:min-numerator-digits="1" number:min-denominator-digits="1" number:max-denominator-value="9"/></number:number-style>', "float", lambda rng: rng.choice([0.5, 1.25, 2.333, 3, -1.75])),
        ("ISO date", f'<number:date-style style:name="N8">{year}{dash}<number:month number:style="long"/>{dash}<number:day number:style="long"/></number:date-style>', "date", date),
        ("day and month", f'<number:date-style style:name="N9" number:language="en" number:country="US"><number:day-of-week number:style="long"/><number:text>, </number:text><number:day/><number:text>. </number:text><number:month number:style="long" number:textual="true"/><number:text> </number:text>{year}</number:date-style>', "date", date),
        ("its language", f'<number:date-style style:name="N10" {where}><number:day/><number:text>. </number:text><number:month number:style="long" number:textual="true"/><number:text> </number:text>{year}</number:date-style>', "date", date),
        ("short", '<number:date-style style:name="N11"><number:day number:style="long"/><number:text>.</number:text><number:month number:style="long"/><number:text>.</number:text><number:year/></number:date-style>', "date", date),
        ("instant", f'<number:date-style style:name="N12">{year}{dash}<number:month number:style="long"/>{dash}<number:day number:style="long"/><number:text> </number:text>{clock}</number:date-style>', "date", instant),
        ("clock", f'<number:time-style style:name="N13">{clock}{colon}<number:seconds number:style="long"/></number:time-style>', "time", time),
        ("duration", f'<number:time-style style:name="N14" number:truncate-on-overflow="false">{clock}</number:time-style>', "time", time),
        ("afternoon", '<number:time-style style:name="N15" number:language="en" number:country="US"><number:hours/><number:text>:</number:text><number:minutes number:style="long"/><number:text> </number:text><number:am-pm/></number:time-style>', "time", time),
        ("general", "", "float", number),
        ("truth", '<number:boolean-style style:name="N17" number:language="en" number:country="US"><number:boolean/></number:boolean-style>', "boolean", lambda rng: rng.choice(["true", "false"])),
    ]


def formatted_sheet(rng, blocks, language):
    """Two sheets as a flat OpenDocument spreadsheet: numbers in many formats; formulas."""
    texts = sheet_words(rng, blocks)
    styles = number_styles(language)
    attributes = {"date": "office:date-value", "time": "office:time-value", "boolean": "office:boolean-value"}
    data, cells, heads = "", "", '<table:table-cell office:value-type="string"><text:p>Text</text:p></table:table-cell>'
    for i, (name, style, _, _) in enumerate(styles):
        data += style
        if style:
            cells += f'<style:style style:name="C{i + 1}" style:family="table-cell" style:data-style-name="N{i + 1}"/>'
        heads += f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
    rows = f"<table:table-row>{heads}</table:table-row>"
    for _ in range(60):
        row = f'<table:table-cell office:value-type="string"><text:p>{html.escape(rng.choice(texts))}</text:p></table:table-cell>'
        for i, (_, style, kind, value) in enumerate(styles):
            named = f'table:style-name="C{i + 1}" ' if style else ""
            row += f'<table:table-cell {named}office:value-type="{kind}" {attributes.get(kind, "office:value")}="{value(rng)}"/>'
        rows += f"<table:table-row>{row}</table:table-row>"
    formulas = ""
    for i in range(30):
        n = rng.randint(2, 60)
        formulas += "<table:table-row>" + "".join(f'<table:table-cell table:formula="of:={f}"/>' for f in (
            f"SUM([Data.B2:.B{n}])", f"[Data.A{n}]&amp;&quot; / &quot;&amp;LEN([Data.A{n}])", f"[Data.B{n}]&gt;0", f"ROUND([Data.C{n}]/3;4)",
            f"IF([Data.B{n}]&gt;0;&quot;+&quot;;&quot;-&quot;)&amp;[Data.R{n}]", "1/0")) + "</table:table-row>"
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{u}:1.0"' for n, u in [
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("number", "datastyle")])
    spaces += ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles>{data}{cells}</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Data">{rows}</table:table><table:table table:name="Σ formulas">{formulas}</table:table></office:spreadsheet></office:body></office:document>"""
