"""The programs that print the documents of pdf_corpus.py, each with its own language and designs."""
import html
import re
import subprocess
import unicodedata

from printed_documents import Block


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

    def design(self, rng, language, fonts):
        rtl = language[:2] in ("ar", "fa", "he")
        serif = [["Liberation Serif", "DejaVu Serif"], ["Liberation Sans", "DejaVu Sans"],
                 ["Liberation Sans Narrow", "DejaVu Serif Condensed"]][fonts]
        cjk = language[:2] in ("zh", "ja", "ko")
        return {"columns": rng.choice([1, 1, 2] if not cjk else [1, 2]), "rtl": rtl,
                "font": ["Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Sans CJK TC"][fonts] if cjk
                else rng.choice(["Amiri", ["DejaVu Sans", "DejaVu Sans", "DejaVu Sans Condensed"][fonts]]) if rtl
                else rng.choice(serif),
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

    def design(self, rng, language, fonts):
        if language[:2] == "ru":
            encoding = "T2A"
        else:
            encoding = rng.choice(["T1", "T1", "OT1"])
        return {"columns": rng.choice([1, 2, 2]), "size": rng.choice([10, 11]), "encoding": encoding,
                "font": rng.choice(["lmodern", ["mathptmx", "palatino", "bookman"][fonts]])
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

    def design(self, rng, language, fonts):
        choice = [["DejaVu Serif", "Liberation Serif"], ["DejaVu Sans", "Liberation Sans"],
                  ["DejaVu Serif Condensed", "Liberation Sans Narrow"]][fonts]
        font = choice[0] if language == "vi-VN" else rng.choice(choice)
        return {**super().design(rng, language, fonts), "encoding": "xe", "font": font}

    def preamble(self, d):
        return f"\\usepackage{{fontspec}}\\setmainfont{{{d['font']}}}[Ligatures=NoCommon]\\setmonofont{{DejaVu Sans Mono}}[Scale=0.8]\n"


class Groff:
    name = "groff"
    program = "groff"
    languages = ["en-US", "de-DE", "fr-FR", "en-US"]

    def design(self, rng, language, fonts):
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

    def design(self, rng, language, fonts):
        choice = [["Liberation Serif", "DejaVu Serif"], ["Liberation Sans", "DejaVu Sans"],
                  ["Liberation Sans Narrow", "DejaVu Serif Condensed"]][fonts]
        font = {"ar": "Amiri", "ja": "Noto Serif CJK JP"}.get(language[:2], rng.choice(choice))
        return {"columns": rng.choice([1, 2]), "font": font, "size": rng.choice([10, 11]), "language": language,
                "header": rng.random() < 0.7, "rtl": language[:2] == "ar", "justify": rng.random() < 0.5}

    def source(self, blocks, d):
        """The document as flat OpenDocument text."""
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
        return f"""<?xml version="1.0" encoding="UTF-8"?>
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

    def write(self, blocks, d, folder, rng):
        (folder / "a.fodt").write_text(self.source(blocks, d), encoding="utf-8")
        run(["soffice", "-env:UserInstallation=file:///tmp/callslip-corpus-office", "--headless", "--convert-to", "pdf", "a.fodt"], folder)
