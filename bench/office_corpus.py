#!/usr/bin/env python3
"""Office files whose true text is known, and how far the text that is extracted is from it.

    bench/office_corpus.py FOLDER [--fidelity build/bench/bin/fidelity] [--half NAME] [--keep]
                           [--only texts|slides|sheets]

The texts are those of pdf_corpus.py: pages of the Debian handbook in 26 languages, as headings,
paragraphs, lists, listings, tables of its own words and footnotes, with characters besides that
need care (beyond the BMP, combining, directing, escaped). They become

    docx, odt, rtf, epub    by pandoc, of its abstract document
    docx, odt, rtf, doc     by LibreOffice, of flat OpenDocument
    pptx                    by pandoc; by LibreOffice of that: pptx, odp, ppt
    xlsx, xls, ods          by LibreOffice, of CSV whose cells are known (`csv` in the table), and of
                            numbers, dates and formulas in many formats (`formats`)

The reference beside each file (NAME.ref) is in the form that docs/FORMATS.md promises. That of a
formatted sheet is what LibreOffice shows: its own export of the file as CSV, "as shown".

Half of the documents are in FOLDER/seen, for looking at, half in FOLDER/unseen (other pages), for
the last figure. With --fidelity both are measured (`fidelity --written`).

Needs the packages debian-handbook pandoc libreoffice-writer-nogui libreoffice-calc-nogui
libreoffice-impress-nogui.
"""
import argparse
import csv
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import office_documents as made
from pdf_corpus import measured, pages_of, table_of_rates
from printed_documents import HANDBOOK, document
from typesetters import Office, run

CSV_IN = "Text - txt - csv (StarCalc):44,34,76,1,,2057,true,true"
CSV_OUT = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,true,false,false,-1'
FILTERS = {"docx": "docx:MS Word 2007 XML", "doc": "doc:MS Word 97", "odt": "odt:writer8", "rtf": "rtf:Rich Text Format",
           "xlsx": "xlsx:Calc MS Excel 2007 XML", "xls": "xls:MS Excel 97", "ods": "ods:calc8",
           "pptx": "pptx:Impress MS PowerPoint 2007 XML", "ppt": "ppt:MS PowerPoint 97", "odp": "odp:impress8"}


def soffice(work, out, files, target, *options):
    """Converts all files in one run of LibreOffice."""
    out.mkdir(exist_ok=True)
    command = ["soffice", "-env:UserInstallation=file:///tmp/callslip-corpus-office", "--headless", *options,
               "--convert-to", target, "--outdir", out, *files]
    subprocess.run(command, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1200)


def put(file, folder, group, reference):
    if not file.exists() or file.stat().st_size == 0:
        print(f"    {group} {file.name}: not made")
        return
    name = f"{group}-{file.name}"
    shutil.copy(file, folder / name)
    (folder / (name + ".ref")).write_text(reference, encoding="utf-8")


def pandoc(work, source, target, *options):
    run(["pandoc", "-f", "json", source, "-o", target, *options], work)


def make_texts(documents, work, folder):
    references = {}
    for language, (blocks, rng) in documents.items():
        references[language] = made.reference(blocks)
        (work / f"{language}.json").write_text(made.pandoc_json(blocks, 1, {"title": "Callslip"}), encoding="utf-8")
        for kind in ("docx", "odt", "rtf", "epub"):
            pandoc(work, f"{language}.json", f"{language}.{kind}", "--standalone")
            # The title heads the document: pandoc writes it there.
            text = made.reference(made.by_chapter(blocks)) if kind == "epub" else references[language]
            put(work / f"{language}.{kind}", folder, f"{kind}_pandoc", "Callslip\n" + text)
        office = Office()
        design = office.design(rng, language, 0)
        design["rtl"] = language[:2] in ("ar", "fa")
        (work / f"{language}.fodt").write_text(office.source(blocks, design), encoding="utf-8")
    for kind in ("docx", "odt", "rtf", "doc"):
        soffice(work, work / kind, [f"{language}.fodt" for language in documents], FILTERS[kind])
        for language in documents:
            put(work / kind / f"{language}.{kind}", folder, f"{kind}_LibreOffice", references[language])


def make_slides(documents, work, folder):
    references = {}
    for language, (blocks, rng) in documents.items():
        slides = made.slides(rng, blocks)
        references[language] = {True: made.slides_reference(slides), False: made.slides_reference(slides, False)}
        (work / f"{language}.json").write_text(made.slides_json(slides), encoding="utf-8")
        pandoc(work, f"{language}.json", f"{language}.pptx", "--slide-level=1")
        put(work / f"{language}.pptx", folder, "pptx_pandoc", references[language][True])
    for kind in ("pptx", "odp", "ppt"):
        soffice(work, work / kind, [f"{language}.pptx" for language in documents], FILTERS[kind])
        for language in documents:
            put(work / kind / f"{language}.{kind}", folder, f"{kind}_LibreOffice", references[language][kind != "ppt"])


def make_sheets(documents, work, folder):
    references = {}
    for language, (blocks, rng) in documents.items():
        rows = made.plain_sheet(rng, blocks)
        references[language] = made.sheet_reference([(language, [[text for text, _ in row] for row in rows])])
        (work / f"{language}.csv").write_text(made.csv_of(rows), encoding="utf-8")
        (work / f"{language}.fods").write_text(made.formatted_sheet(rng, blocks, language), encoding="utf-8")
    for kind in ("xlsx", "xls", "ods"):
        plain, formatted, shown = work / f"{kind}-csv", work / f"{kind}-formats", work / f"{kind}-shown"
        soffice(work, plain, [f"{language}.csv" for language in documents], FILTERS[kind], f"--infilter={CSV_IN}")
        soffice(work, formatted, [f"{language}.fods" for language in documents], FILTERS[kind])
        soffice(work, shown, [formatted / f"{language}.{kind}" for language in documents], CSV_OUT)
        for language in documents:
            put(plain / f"{language}.{kind}", folder, f"{kind}_csv", references[language])
            sheets = []
            for sheet in ("Data", "Σ formulas"):
                path = shown / f"{language}-{sheet}.csv"
                if path.exists():
                    with open(path, encoding="utf-8", newline="") as lines:
                        sheets.append((sheet, list(csv.reader(lines))))
            if kind == "xls":  # LibreOffice shows its booleans as 1 and 0
                for (_, rows), column in zip(sheets, (-1, 2)):
                    for row in rows:
                        row[column] = {"1": "TRUE", "0": "FALSE"}.get(row[column], row[column])
            put(formatted / f"{language}.{kind}", folder, f"{kind}_formats", made.sheet_reference(sheets))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--fidelity")
    parser.add_argument("--half", default="", help="seen or unseen; another name makes further documents like the unseen")
    parser.add_argument("--only", choices=["texts", "slides", "sheets"], default="")
    parser.add_argument("--keep", action="store_true", help="measure what is there, make nothing")
    options = parser.parse_args()
    for what in (HANDBOOK, shutil.which("pandoc"), shutil.which("soffice")):
        if what is None or not pathlib.Path(what).exists():
            sys.exit("debian-handbook, pandoc or LibreOffice is not installed")
    languages = sorted(p.name for p in HANDBOOK.iterdir() if re.fullmatch("[a-z]{2}-[A-Z]{2}", p.name))
    for half in [options.half] if options.half else ["seen", "unseen"]:
        folder = options.folder / half
        folder.mkdir(parents=True, exist_ok=True)
        if not options.keep:
            documents = {}
            for language in languages:
                rng = random.Random(f"office {language} {half}")
                blocks = document(rng, pages_of(language, half), language[:2] not in ("zh", "ja"))
                documents[language] = made.with_unusual(rng, blocks)
            for make in (make_texts, make_slides, make_sheets):
                if options.only and not make.__name__.endswith(options.only):
                    continue
                drawn = {language: (blocks, random.Random(f"{make.__name__} {language} {half}"))
                         for language, blocks in documents.items()}
                with tempfile.TemporaryDirectory() as work:
                    make(drawn, pathlib.Path(work), folder)
                print(f"{half}: {make.__name__} done", flush=True)
        if options.fidelity:
            table_of_rates(half, measured(options.fidelity, folder, "--written"))


if __name__ == "__main__":
    main()
