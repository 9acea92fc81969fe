#!/usr/bin/env python3
"""PDFs whose true text is known, and how far the text that is extracted is from it.

    bench/pdf_corpus.py FOLDER [--fidelity build/bench/bin/fidelity] [--only TYPESETTER]
                        [--half NAME] [--keep]

The texts are pages of the Debian handbook (debian-handbook) in 26 languages. Each becomes a list
of blocks (headings, paragraphs, lists, listings, notes; tables and footnotes are made of its own
words), is written in the language of one of five typesetters and printed by it: Chromium, LaTeX
(pdflatex, xelatex), LibreOffice, groff. Columns, fonts, sizes, hyphenation, running headers and
page numbers differ from document to document, as a generator with a fixed seed says; so the same
packages make the same corpus. The reference beside each PDF (NAME.ref) is the text of the blocks:
without running headers and page numbers, footnotes marked as free in their place (a line that
begins with U+001F).

Half of the documents are in FOLDER/seen, for looking at; the other half in FOLDER/unseen, where
other texts, fonts and measures are used, is only for the last figure. With --fidelity both are
measured (`fidelity --printed`; docs/FORMATS.md says what is counted), beside pdftotext.

Needs the packages debian-handbook chromium texlive-latex-recommended texlive-latex-extra
texlive-fonts-recommended texlive-xetex texlive-lang-german texlive-lang-french
texlive-lang-cyrillic lmodern libreoffice-writer-nogui groff fonts-dejavu-core fonts-liberation
fonts-noto-cjk fonts-hosny-amiri poppler-utils. A typesetter that is not there is named and left out.
"""
import argparse
import html
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ElementTree

HANDBOOK = pathlib.Path("/usr/share/doc/debian-handbook/html")
XHTML = "{http://www.w3.org/1999/xhtml}"
FREE = "\x1f"  # before a block of the reference that may stand anywhere: a footnote
LENGTH = 14000  # characters of a document, about


# --- the texts ---------------------------------------------------------------------------------

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


# --- the typesetters ---------------------------------------------------------------------------

def run(command, folder, **kwargs):
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=240, **kwargs)


def broken_softly(rng, text):
    """Soft hyphens in long words, where a person could put them."""
    return re.sub(r"[a-zäöüß]{9,}", lambda m: re.sub(r"([aeiouäöü][b-df-hj-np-tv-z])(?=[b-df-hj-np-tv-z][aeiouy])",
                                                   "\\1\u00AD", m.group()), text)


class Chromium:
    name = "chromium"
    program = "chromium"
    languages = None  # all

    def design(self, rng, language, unseen):
        rtl = language[:2] in ("ar", "fa", "he")
        serif = (["Liberation Serif", "DejaVu Serif"] if not unseen else ["Liberation Sans", "DejaVu Sans"])
        cjk = language[:2] in ("zh", "ja", "ko")
        return {"columns": rng.choice([1, 1, 2] if not cjk else [1, 2]), "rtl": rtl,
                "font": "Noto Serif CJK SC" if cjk and not unseen else "Noto Sans CJK SC" if cjk
                else rng.choice(["Amiri", "DejaVu Sans"]) if rtl else rng.choice(serif),
                "size": rng.choice([9, 10, 11]), "gap": rng.choice([18, 24, 30]),
                "justify": rng.random() < 0.6, "soft": rng.random() < 0.5 and language[:2] in ("en", "de"),
                "header": rng.random() < 0.5, "aside": rng.random() < 0.3, "language": language}

    def write(self, blocks, d, folder, rng):
        def runs(block):
            out = ""
            for style, text in block.runs:
                if d["soft"] and style == "":
                    text = broken_softly(rng, text)
                text = html.escape(text)
                tag = {"b": "b", "i": "i", "tt": "code", "sup": "sup", "sub": "sub", "note": "sup"}.get(style)
                out += f"<{tag}>{text}</{tag}>" if tag else text
            return out

        def way(block):
            letters = [unicodedata.bidirectional(c) for c in block.text() if c.isalpha()]
            return "rtl" if sum(c != "L" for c in letters) * 2 > len(letters) else "ltr"

        body, notes = "", []
        for block in blocks:
            if block.kind == "heading":
                body += f"<h2 dir={way(block)}>{runs(block)}</h2>\n"
            elif block.kind == "pre":
                body += "<pre dir=ltr>" + html.escape("\n".join(block.rows)) + "</pre>\n"
            elif block.kind == "table":
                cells = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>\n" for row in block.rows)
                body += f"<table>{cells}</table>\n"
            elif block.kind == "item":
                kind = f"<ol start={block.mark[:-1]}>" if block.mark[0].isdigit() else "<ul>"
                body += f"{kind}<li dir={way(block)}>{runs(block)}</li></{kind[1:3]}>\n"
            else:
                body += f"<p dir={way(block)}>{runs(block)}</p>\n"
            if hasattr(block, "note"):
                notes.append(f"<p class=note dir={way(block.note)}><sup>{block.note.mark}</sup> {runs(block.note)}</p>\n")
        page = f"""<!DOCTYPE html><html lang="{d['language']}" dir="{'rtl' if d['rtl'] else 'ltr'}"><meta charset=utf-8>
<title>Callslip corpus</title><style>@page {{ size: A4; margin: 20mm }}
body {{ font: {d['size']}pt '{d['font']}'; columns: {d['columns']}; column-gap: {d['gap']}pt;
 text-align: {'justify' if d['justify'] else 'start'}; margin: 0; overflow-wrap: break-word }}
pre {{ font: {d['size'] - 3}pt 'DejaVu Sans Mono'; white-space: pre-wrap; text-align: left }}
table {{ border-collapse: collapse; width: 100%; table-layout: fixed }} td {{ border: .5pt solid #888; padding: 2pt 4pt; text-align: start; font-size: 80%;
 overflow-wrap: normal }}
:lang(ko) {{ word-break: keep-all }}
sup, sub {{ font-size: 70%; line-height: 0 }} .note {{ font-size: 80% }} h2 {{ font-size: 125% }}
code {{ font-family: 'DejaVu Sans Mono'; font-size: 85% }}</style><body>{body}{''.join(notes)}"""
        (folder / "a.html").write_text(page, encoding="utf-8")
        # The date and the path in the browser's own header are kept once, as nothing else says them.
        header = [] if d["header"] else ["--no-pdf-header-footer"]
        run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", *header,
             "--user-data-dir=" + str(folder / "profile"), "--print-to-pdf=a.pdf", "a.html"], folder)


LATEX = {"\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%",
         "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}",
         ">": "\\textgreater{}", "|": "\\textbar{}", "-": "{-}", "`": "\\textasciigrave{}",
         "'": "\\textquotesingle{}", '"': "\\textquotedbl{}", "\u00A0": "~"}


class Latex:
    name = "latex"
    program = "pdflatex"
    languages = ["en-US", "de-DE", "fr-FR", "en-US", "de-DE", "ru-RU", "es-ES", "it-IT"]
    babel = {"de": "ngerman", "fr": "french", "ru": "russian"}

    def design(self, rng, language, unseen):
        if language[:2] == "ru":
            encoding = "T2A"
        else:
            encoding = rng.choice(["T1", "T1", "OT1"])
        return {"columns": rng.choice([1, 2, 2]), "size": rng.choice([10, 11]), "encoding": encoding,
                "font": rng.choice(["lmodern", "mathptmx"] if not unseen else ["lmodern", "palatino"])
                if encoding == "T1" else "", "header": rng.random() < 0.6, "language": language,
                "sep": rng.choice([10, 18])}

    def preamble(self, d):
        return ("\\usepackage{cmap}" * (d["encoding"] == "T2A") + f"\\usepackage[utf8]{{inputenc}}\\usepackage[{d['encoding']}]{{fontenc}}\\usepackage{{textcomp}}\n"
                + (f"\\usepackage{{{d['font']}}}\n" if d["font"] else "")
                + (f"\\usepackage[{self.babel[d['language'][:2]]}]{{babel}}\n" if d["language"][:2] in self.babel else "")
                + ("\\shorthandoff{\"}" if d["language"][:2] in ("de", "ru") else ""))

    def escaped(self, text, d):
        out = "".join(LATEX.get(c, c) for c in text)
        if d["encoding"] == "OT1":
            out = out.replace("\\textquotedbl{}", "''")
        return out

    def fits(self, text, d):
        if d["encoding"] == "xe":
            return True
        if d["encoding"] == "OT1" and ('"' in text or "_" in text):  # there a rule, no character
            return False
        allowed = "\n\u2013\u2014\u2018\u2019\u201C\u201D" + ("" if d["encoding"] == "T2A" else "«»" if d["encoding"] == "T1" else "")
        def fine(c):
            return (" " <= c <= "~" or c in allowed or (d["encoding"] == "T2A" and "\u0410" <= c <= "\u044F")
                    or (d["encoding"] != "T2A" and c in "äöüÄÖÜßéèêàâçùûîïôëœÉÈÀáíóúñ¡¿ìò"))
        return all(fine(c) for c in text)

    def keep(self, blocks, d):
        out = []
        for block in blocks:
            text = block.text() + "".join("".join(row) for row in block.rows or [])
            if not self.fits(text + (block.note.text() if hasattr(block, "note") else ""), d):
                continue
            if block.kind == "table" and d["columns"] > 1:
                continue
            if block.kind == "pre" and d["columns"] > 1:
                block = Block("pre", rows=[row[:38].rstrip() for row in block.rows])
            out.append(block)
        notes = 0  # LaTeX numbers them itself
        for block in out:
            if hasattr(block, "note"):
                notes += 1
                block.note.mark = str(notes)
                block.runs = block.runs[:-1] + [("note", str(notes))]
        return out

    def runs(self, block, d):
        commands = {"b": "textbf", "i": "emph", "tt": "texttt"}
        out = ""
        for style, text in block.runs:
            if style == "note":
                out += f"\\footnote{{{self.escaped(block.note.text(), d)}}}"
            elif style in ("sup", "sub"):
                out += f"${'^' if style == 'sup' else '_'}{{{text}}}$"
            elif style in commands:
                out += f"\\{commands[style]}{{{self.escaped(text, d)}}}"
            else:
                out += self.escaped(text, d)
        return out

    def write(self, blocks, d, folder, rng):
        body = ""
        for block in blocks:
            if block.kind == "heading":
                body += f"\\section*{{{self.runs(block, d)}}}\n"
            elif block.kind == "pre":
                lines = ["\\mbox{}" + self.escaped(row, d).replace(" ", "~") for row in block.rows]
                body += "\\begin{flushleft}\\ttfamily\\footnotesize " + "\\\\\n".join(lines) + "\\end{flushleft}\n"
            elif block.kind == "table":
                rows = " \\\\\n".join(" & ".join(self.escaped(c, d) for c in row) for row in block.rows)
                body += f"\\begin{{center}}\\begin{{tabular}}{{l{'r' * (len(block.rows[0]) - 1)}}}\\hline {rows}\\\\\\hline\\end{{tabular}}\\end{{center}}\n"
            elif block.kind == "item":
                kind, mark = ("enumerate", f"[{block.mark}]") if block.mark[0].isdigit() else ("itemize", "")
                body += f"\\begin{{{kind}}}\\item{mark} {self.runs(block, d)}\\end{{{kind}}}\n"
            else:
                body += self.runs(block, d) + "\n\n"
        style = ("\\usepackage{fancyhdr}\\pagestyle{fancy}\\fancyhead[L]{The Corpus of Callslip}\\fancyhead[R]{\\thepage}\\fancyfoot[C]{}\n"
                 if d["header"] else "")
        source = (f"\\documentclass[{d['size']}pt,a4paper{',twocolumn' if d['columns'] == 2 else ''}]{{article}}\n"
                  f"\\usepackage[margin=22mm]{{geometry}}\n{self.preamble(d)}{style}\\setlength{{\\columnsep}}{{{d['sep']}pt}}\n"
                  f"\\emergencystretch=2em\\begin{{document}}\n{body}\\end{{document}}\n")
        (folder / "a.tex").write_text(source, encoding="utf-8")
        for _ in range(2):
            run([self.program, "-interaction=nonstopmode", "a.tex"], folder, stdin=subprocess.DEVNULL)
        log = (folder / "a.log").read_text(errors="replace") if (folder / "a.log").exists() else ""
        lost = re.findall(r"^(?:! .*|Missing character.*)", log, re.M)
        if lost:
            print("   ", self.program, lost[:2])


class Xelatex(Latex):
    name = "xelatex"
    program = "xelatex"
    languages = ["ru-RU", "el-GR", "pl-PL", "cs-CZ", "vi-VN", "tr-TR", "sv-SE", "ro-RO"]
    babel = {}

    def design(self, rng, language, unseen):
        fonts = ["DejaVu Serif", "Liberation Serif"] if not unseen else ["DejaVu Sans", "Liberation Sans"]
        font = fonts[0] if language == "vi-VN" else rng.choice(fonts)
        return {**super().design(rng, language, unseen), "encoding": "xe", "font": font}

    def preamble(self, d):
        return f"\\usepackage{{fontspec}}\\setmainfont{{{d['font']}}}[Ligatures=NoCommon]\\setmonofont{{DejaVu Sans Mono}}[Scale=0.8]\n"


class Groff:
    name = "groff"
    program = "groff"
    languages = ["en-US", "de-DE", "fr-FR", "en-US"]

    def design(self, rng, language, unseen):
        return {"columns": rng.choice([1, 2]), "language": language, "encoding": "T1", "size": rng.choice([10, 11]),
                "header": rng.random() < 0.6}

    def keep(self, blocks, d):
        kept = Latex().keep([b for b in blocks if b.kind != "table"], d)
        return kept

    def write(self, blocks, d, folder, rng):
        def escaped(text):
            out = text.replace("\\", "\\[rs]").replace("-", "\\-").replace("'", "\\[aq]").replace("`", "\\[ga]")
            out = out.replace("^", "\\[ha]").replace("~", "\\[ti]").replace('"', "\\[dq]")
            return out
        def runs(block):
            out = ""
            for style, text in block.runs:
                text = escaped(text) if style != "" else escaped(text).replace("\\-", "-")
                marks = {"b": "B", "i": "I", "tt": "CW"}.get(style)
                if style in ("sup", "note"):
                    out += f"\\*{{{text}\\*}}"
                elif style == "sub":
                    out += f"\\d\\s-2{text}\\s+2\\u"
                else:
                    out += f"\\f[{marks}]{text}\\f[]" if marks else text
            return "\\&" + out
        body = ".nr PS 10\n.nr LL 6.5i\n" + (".ds CH \\n[PN]\n.ds LH The Corpus of Callslip\n" if d["header"] else "")
        body += f".nr PS {d['size']}\n.nr VS {d['size'] + 2}\n.LP\n" + (".2C\n" if d["columns"] == 2 else "")
        for block in blocks:
            if block.kind == "heading":
                body += f".SH\n{runs(block)}\n"
            elif block.kind == "pre":
                body += ".LD\n\\s-2\\f[CW]" + "\n".join("\\&" + escaped(r) for r in block.rows) + "\\f[]\\s+2\n.DE\n"
            elif block.kind == "item":
                mark = block.mark if block.mark[0].isdigit() else "\\[bu]"
                body += f".IP {mark} 4\n{runs(block)}\n"
            else:
                body += f".LP\n{runs(block)}\n"
            if hasattr(block, "note"):
                body += f".FS {block.note.mark}\n{runs(block.note)}\n.FE\n"
        (folder / "a.ms").write_text(body, encoding="utf-8")
        hyphens = [f"-m{d['language'][:2]}"] if d["language"][:2] != "en" else []
        with open(folder / "a.pdf", "wb") as out:
            subprocess.run(["groff", "-k", "-Tpdf", "-ms", *hyphens, "a.ms"], cwd=folder, stdout=out,
                           stderr=subprocess.DEVNULL)


class Office:
    name = "office"
    program = "soffice"
    languages = ["en-US", "de-DE", "ru-RU", "el-GR", "pt-BR", "ar-MA", "ja-JP", "nl-NL"]

    def design(self, rng, language, unseen):
        fonts = ["Liberation Serif", "DejaVu Serif"] if not unseen else ["Liberation Sans", "DejaVu Sans"]
        font = {"ar": "Amiri", "ja": "Noto Serif CJK JP"}.get(language[:2], rng.choice(fonts))
        return {"columns": rng.choice([1, 2]), "font": font, "size": rng.choice([10, 11]), "language": language,
                "header": rng.random() < 0.7, "rtl": language[:2] == "ar", "justify": rng.random() < 0.5}

    def write(self, blocks, d, folder, rng):
        def runs(block):
            out = ""
            for style, text in block.runs:
                text = html.escape(text)
                if style == "note":
                    out += (f'<text:note text:id="n{text}" text:note-class="footnote"><text:note-citation>{text}</text:note-citation>'
                            f'<text:note-body><text:p text:style-name="Note">{html.escape(block.note.text())}</text:p></text:note-body></text:note>')
                else:
                    out += f'<text:span text:style-name="T{style}">{text}</text:span>' if style else text
            return out
        body = ""
        for block in blocks:
            if block.kind == "heading":
                body += f'<text:h text:style-name="H" text:outline-level="2">{runs(block)}</text:h>'
            elif block.kind == "pre":
                for row in block.rows:
                    blank = re.sub(" +", lambda m: f'<text:s text:c="{len(m.group())}"/>', html.escape(row))
                    body += f'<text:p text:style-name="Pre">{blank}</text:p>'
            elif block.kind == "table":
                body += f'<table:table><table:table-column table:number-columns-repeated="{len(block.rows[0])}"/>'
                for row in block.rows:
                    body += "<table:table-row>" + "".join(
                        f'<table:table-cell office:value-type="string"><text:p>{html.escape(c)}</text:p></table:table-cell>' for c in row) + "</table:table-row>"
                body += "</table:table>"
            elif block.kind == "item" and not block.mark[0].isdigit():
                body += f'<text:list text:style-name="L"><text:list-item><text:p text:style-name="P">{runs(block)}</text:p></text:list-item></text:list>'
            elif block.kind == "item":
                body += f'<text:p text:style-name="P">{block.mark} {runs(block)}</text:p>'
            else:
                body += f'<text:p text:style-name="P">{runs(block)}</text:p>'
        spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{u}:1.0"' for n, u in
                          [("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("fo", "xsl-fo-compatible")])
        code, country = d["language"].split("-")
        fonts = f'style:font-name-asian="F" style:font-name-complex="F" style:font-name="F" fo:font-size="{d["size"]}pt" style:font-size-asian="{d["size"]}pt" style:font-size-complex="{d["size"]}pt"'
        source = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls><style:font-face style:name="F" svg:font-family="'{d['font']}'"/><style:font-face style:name="M" svg:font-family="'DejaVu Sans Mono'"/></office:font-face-decls>
<office:styles><style:default-style style:family="paragraph"><style:text-properties {fonts} fo:language="{'en' if code in ('ar', 'ja') else code}" fo:country="{'US' if code in ('ar', 'ja') else country}" style:language-asian="ja" style:country-asian="JP" style:language-complex="ar" style:country-complex="EG" fo:hyphenate="true" fo:hyphenation-remain-char-count="2" fo:hyphenation-push-char-count="2"/></style:default-style>
<text:notes-configuration text:note-class="footnote" text:footnotes-position="page" style:num-format="1" text:start-numbering-at="document" text:start-value="0"/></office:styles>
<office:automatic-styles>
<style:style style:name="P" style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm" fo:text-align="{'justify' if d['justify'] else 'start'}" style:writing-mode="{'rl-tb' if d['rtl'] else 'lr-tb'}"/></style:style>
<style:style style:name="Note" style:family="paragraph"><style:paragraph-properties style:writing-mode="{'rl-tb' if d['rtl'] else 'lr-tb'}"/><style:text-properties fo:font-size="8pt" style:font-size-complex="8pt"/></style:style>
<style:style style:name="H" style:family="paragraph"><style:paragraph-properties fo:margin-top="4mm" fo:margin-bottom="2mm" style:writing-mode="{'rl-tb' if d['rtl'] else 'lr-tb'}"/><style:text-properties fo:font-size="14pt" fo:font-weight="bold" style:font-size-complex="14pt"/></style:style>
<style:style style:name="Pre" style:family="paragraph"><style:paragraph-properties style:writing-mode="lr-tb"/><style:text-properties style:font-name="M" style:font-name-asian="M" style:font-name-complex="M" fo:font-size="6pt" fo:hyphenate="false"/></style:style>
<style:style style:name="Tb" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Ti" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>
<style:style style:name="Ttt" style:family="text"><style:text-properties style:font-name="M" fo:hyphenate="false"/></style:style>
<style:style style:name="Tsup" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Tsub" style:family="text"><style:text-properties style:text-position="sub 58%"/></style:style>
<text:list-style style:name="L"><text:list-level-style-bullet text:level="1" text:bullet-char="•"><style:list-level-properties text:space-before="4mm" text:min-label-width="4mm"/></text:list-level-style-bullet></text:list-style>
<style:page-layout style:name="A"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin="20mm" style:writing-mode="{'rl-tb' if d['rtl'] else 'lr-tb'}"><style:columns fo:column-count="{d['columns']}" fo:column-gap="7mm"/></style:page-layout-properties>
<style:header-style><style:header-footer-properties fo:min-height="8mm" fo:margin-bottom="4mm"/></style:header-style><style:footer-style><style:header-footer-properties fo:min-height="8mm" fo:margin-top="4mm"/></style:footer-style></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A">{'<style:header><text:p>The Corpus of Callslip</text:p></style:header><style:footer><text:p>Page <text:page-number/> of <text:page-count/></text:p></style:footer>' if d['header'] else ''}</style:master-page></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""
        (folder / "a.fodt").write_text(source, encoding="utf-8")
        run(["soffice", "-env:UserInstallation=file:///tmp/callslip-corpus-office", "--headless", "--convert-to", "pdf", "a.fodt"], folder)


# --- the corpus --------------------------------------------------------------------------------

def make(typesetter, language, half, number, folder):
    rng = random.Random(f"{typesetter.name} {language} {half} {number}")
    texts = list(pages(language))
    texts = texts[0::2] if half == "seen" else texts[1::2]  # no page in both
    spaced = language[:2] not in ("zh", "ja")
    blocks = document(rng, texts, spaced)
    design = typesetter.design(rng, language, half != "seen")
    if hasattr(typesetter, "keep"):
        blocks = typesetter.keep(blocks, design)
    name = f"{typesetter.name}-{language}-{number}"
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        typesetter.write(blocks, design, work, rng)
        if not (work / "a.pdf").exists() or (work / "a.pdf").stat().st_size == 0:
            print(f"    {name}: not printed")
            return
        shutil.copy(work / "a.pdf", folder / f"{name}.pdf")
    text = reference(blocks)
    if typesetter.name in ("latex", "groff") and design["language"][:2] == "fr":
        text = text.replace("\u00A0", " ")
    (folder / f"{name}.ref").write_text(text, encoding="utf-8")


def measured(fidelity, folder):
    """Rates by typesetter: [(name, files, ordered, lost, invented)]."""
    answer = subprocess.run([fidelity, "--printed", "--suffix", ".ref", folder, folder],
                            stdout=subprocess.PIPE, encoding="utf-8").stdout
    return answer


def table_of_rates(title, text):
    groups = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) != 6:
            continue
        name, length = fields[0], int(fields[1])
        for group in (name.split("-")[0], "all"):
            sums = groups.setdefault(group, [0, 0, 0, 0, 0, 0])
            for i, value in enumerate([1, length] + [int(f) for f in fields[2:]]):
                sums[i] += value
    print(f"\n{title}\n{'':12}{'files':>6}{'characters':>12}{'CER':>9}{'text':>9}{'lost':>9}{'invented':>9}")
    for group, (files, length, apart, changed, lost, invented) in groups.items():
        rates = "".join(f"{100 * value / max(1, length):8.3f}%" for value in (apart, changed, lost, invented))
        print(f"{group:12}{files:6}{length:12,}{rates}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--fidelity")
    parser.add_argument("--only", default="")
    parser.add_argument("--half", default="", help="seen or unseen; another name makes further documents like the unseen")
    parser.add_argument("--keep", action="store_true", help="measure what is there, make nothing")
    options = parser.parse_args()
    if not HANDBOOK.exists():
        sys.exit("debian-handbook is not installed")
    everything = sorted(p.name for p in HANDBOOK.iterdir() if re.fullmatch("[a-z]{2}-[A-Z]{2}", p.name))
    halves = [options.half] if options.half else ["seen", "unseen"]
    if not options.keep:
        for typesetter in (Chromium(), Latex(), Xelatex(), Groff(), Office()):
            if options.only and options.only != typesetter.name:
                continue
            if not shutil.which(typesetter.program):
                print(f"{typesetter.program} is not installed: without it")
                continue
            for half in halves:
                folder = options.folder / half
                folder.mkdir(parents=True, exist_ok=True)
                for number, language in enumerate(typesetter.languages or everything):
                    make(typesetter, language, half, number, folder)
            print(f"{typesetter.name}: done", flush=True)
    if options.fidelity:
        for half in halves:
            folder = options.folder / half
            table_of_rates(half, measured(options.fidelity, folder))
            for way in ([], ["-layout"]):
                texts = pathlib.Path(tempfile.mkdtemp())
                for pdf in folder.glob("*.pdf"):
                    shutil.copy(pdf.with_suffix(".ref"), texts)
                    subprocess.run(["pdftotext", "-nopgbrk", *way, pdf, texts / (pdf.stem + ".txt")])
                table_of_rates(" ".join([half + ", pdftotext", *way]), measured(options.fidelity, texts))
                shutil.rmtree(texts)


if __name__ == "__main__":
    main()
