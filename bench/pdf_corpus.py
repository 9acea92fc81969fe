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
measured (`fidelity --printed`; docs/FORMATS.md says what is counted), beside pdftotext. --half
makes further sets: last, last-2 ... of all pages, in fonts of their own; other names like unseen.

Needs the packages debian-handbook chromium texlive-latex-recommended texlive-latex-extra
texlive-fonts-recommended texlive-xetex texlive-lang-german texlive-lang-french
texlive-lang-cyrillic lmodern libreoffice-writer-nogui groff fonts-dejavu-core fonts-liberation
fonts-noto-cjk fonts-hosny-amiri poppler-utils. A typesetter that is not there is named and left out.
"""
import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

from printed_documents import HANDBOOK, pages, document, reference
from typesetters import Chromium, Groff, Latex, Office, Xelatex


def pages_of(language, half):
    """The half's pages; no page is in both. Those of "last", "last-2" ... are all, from the last to the first."""
    texts = list(pages(language))
    if half.startswith("last"):
        return texts[::-1]
    return texts[0::2] if half == "seen" else texts[1::2]


def make(typesetter, language, half, number, folder):
    rng = random.Random(f"{typesetter.name} {language} {half} {number}")
    spaced = language[:2] not in ("zh", "ja")
    blocks = document(rng, pages_of(language, half), spaced)
    design = typesetter.design(rng, language, 0 if half == "seen" else 2 if half.startswith("last") else 1)
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


def measured(fidelity, folder, origin="--printed"):
    """What the measure says, a line a file."""
    answer = subprocess.run([fidelity, origin, "--suffix", ".ref", folder, folder],
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
    print(f"\n{title}\n{'':18}{'files':>6}{'characters':>12}{'CER':>9}{'text':>9}{'lost':>9}{'invented':>9}")
    for group, (files, length, apart, changed, lost, invented) in groups.items():
        rates = "".join(f"{100 * value / max(1, length):8.3f}%" for value in (apart, changed, lost, invented))
        print(f"{group:18}{files:6}{length:12,}{rates}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--fidelity")
    parser.add_argument("--only", default="")
    parser.add_argument("--half", default="", help="seen or unseen; last, last-2 ...: all pages, in other fonts; another name: further documents like the unseen")
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
