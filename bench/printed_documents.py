"""The documents of pdf_corpus.py: blocks of the handbook's text, and the reference that they make."""
import pathlib
import unicodedata
import xml.etree.ElementTree as ElementTree

HANDBOOK = pathlib.Path("/usr/share/doc/debian-handbook/html")
XHTML = "{http://www.w3.org/1999/xhtml}"
FREE = "\x1f"  # before a block of the reference that may stand anywhere: a footnote
LENGTH = 14000  # characters of a document, about


class Block:
    """kind: heading, para, item, pre, table, note (free in its place). Inline text is a list of
    (style, text), styles: '' b i tt sup sub note (the mark of a footnote)."""

    def __init__(self, kind, runs=None, level=0, mark="", rows=None):
        self.kind, self.runs, self.level, self.mark, self.rows = kind, runs or [], level, mark, rows

    def text(self):
        return "".join(text for _, text in self.runs)


def squeezed(runs):
    """White space as one blank, none at the ends."""
    out, blank = [], True
    for style, text in runs:
        kept = ""
        for c in text:
            if c.isspace():
                kept += "" if blank else " "
                blank = True
            else:
                kept += c
                blank = False
        if kept:
            out.append((style, kept))
    while out and not out[-1][1].rstrip():
        out.pop()
    if out:
        out[-1] = (out[-1][0], out[-1][1].rstrip())
    return out


def inline(element, style=""):
    runs = [(style, element.text or "")]
    for child in element:
        if not isinstance(child.tag, str):
            continue
        tag = child.tag.replace(XHTML, "")
        inner = {"strong": "b", "b": "b", "em": "i", "i": "i", "code": "tt", "tt": "tt"}.get(tag, style)
        if tag not in ("pre", "div", "ul", "ol", "img"):
            runs += inline(child, inner)
        runs.append((style, child.tail or ""))
    return runs


def blocks_of(element, out, depth=0):
    for child in element:
        if not isinstance(child.tag, str):
            continue
        tag = child.tag.replace(XHTML, "")
        names = (child.get("class") or "").split()
        if "docnav" in names or "toc" in names or "footnotes" in names or tag in ("script", "style", "img"):
            continue
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6") or (tag == "p" and "title" in names):
            runs = squeezed([("", text) for _, text in inline(child)])
            if runs:
                out.append(Block("heading", runs, level=2))
        elif tag == "pre":
            lines = "".join(child.itertext()).expandtabs(8).strip("\n").split("\n")
            lines = [line.rstrip()[:72] for line in lines if line.strip()]
            if lines:
                out.append(Block("pre", rows=lines))
        elif (tag == "div" and "para" in names) or tag == "p":
            runs = squeezed(inline(child))
            if runs:
                out.append(Block("para", runs))
            blocks_of(child, out, depth)
        elif tag in ("ul", "ol"):
            number = 0
            for item in child:
                if isinstance(item.tag, str) and item.tag == XHTML + "li":
                    number += 1
                    inner = []
                    blocks_of(item, inner, depth + 1)
                    if not inner:
                        runs = squeezed(inline(item))
                        inner = [Block("para", runs)] if runs else []
                    for i, block in enumerate(inner):
                        if i == 0 and block.kind == "para":
                            mark = f"{number}." if tag == "ol" else "•"
                            block = Block("item", block.runs, mark=mark)
                        out.append(block)
        elif tag != "table":
            blocks_of(child, out, depth)


def pages(language):
    names = sorted(p for p in (HANDBOOK / language).glob("sect.*.html"))
    for path in names:
        try:
            root = ElementTree.fromstring(path.read_bytes())
        except ElementTree.ParseError:
            continue
        out = []
        blocks_of(root.find(XHTML + "body"), out)
        out = [b for b in out if usable(b, language[:2])]
        if sum(len(b.text()) for b in out if b.kind == "para") > 400:
            yield path.stem.removeprefix("sect."), out


SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "el": "GREEK", "ru": "CYRILLIC", "ko": "HANGUL", "zh": "CJK", "ja": ("CJK", "HIRAGANA", "KATAKANA")}


def usable(block, language):
    """Not what has not been translated yet, where that shows."""
    text = block.text() if block.kind != "pre" else "".join(block.rows)
    letters = [c for c in text if c.isalpha()]
    if language in SCRIPTS and block.kind != "pre":
        own = sum(unicodedata.name(c, "").startswith(SCRIPTS[language]) for c in letters)
        if own * 2 < len(letters):
            return False
    return not any(unicodedata.category(c) in ("Co", "Cn", "Cs") or ord(c) > 0xFFFF for c in text)


def table_of(rng, words):
    """A table of words, numbers and, in one of its columns, a phrase that takes several lines."""
    def cell():
        at = rng.randrange(max(1, len(words) - 2))
        return " ".join(words[at:at + rng.randint(1, 2)])
    columns = 3
    rows = [[cell() for _ in range(columns)]]
    for i in range(rng.randint(4, 8)):
        rows.append([cell()] + [f"{rng.randint(1, 9999):,}.{rng.randint(0, 99):02}" if rng.random() < 0.6
                                else cell() for _ in range(columns - 1)])
    return Block("table", rows=rows)


def document(rng, texts, spaced):
    """Blocks from a page of the handbook on, until there are enough."""
    start = rng.randrange(len(texts))
    blocks, length = [], 0
    for i in range(len(texts)):
        for block in texts[(start + i) % len(texts)][1]:
            if length > LENGTH:
                break
            length += len(block.text()) + sum(len(row) for row in block.rows or [])
            blocks.append(block)
        if length > LENGTH:
            break
    while blocks and blocks[-1].kind == "heading":
        blocks.pop()
    words = [w for b in blocks if b.kind == "para" for w in b.text().split()]
    words = [w for w in words if 3 <= len(w) <= 14 and w.isalpha()] if spaced else ["表", "数据", "文件"]
    out, notes = [], 0
    for i, block in enumerate(blocks):
        if block.kind == "para" and len(block.text()) > 250 and rng.random() < 0.12 and notes < 9 and len(words) > 40:
            notes += 1
            at = rng.randrange(len(words) - 14)
            note = Block("note", [("", " ".join(words[at:at + rng.randint(5, 13)]) + ".")], mark=str(notes))
            block = Block("para", block.runs + [("note", str(notes))])
            block.note = note
        elif block.kind == "para" and rng.random() < 0.08:
            block = Block("para", block.runs + [("", " (x"), ("sub", str(rng.randint(1, 9))), ("", " + 10"),
                                                ("sup", str(rng.randint(2, 9))), ("", ")")])
        out.append(block)
        if block.kind == "para" and len(words) > 40 and rng.random() < 0.06:
            out.append(table_of(rng, words))
    return out


def reference(blocks):
    lines = []
    for block in blocks:
        if block.kind == "pre":
            lines += block.rows
        elif block.kind == "table":
            lines += [" ".join(row) for row in block.rows]
        elif block.kind == "item":
            lines.append(f"{block.mark} {block.text()}")
        else:
            lines.append(block.text())
        if hasattr(block, "note"):
            lines.append(FREE + f"{block.note.mark} {block.note.text()}")
    return "\n".join(lines) + "\n"
