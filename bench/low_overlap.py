#!/usr/bin/env python3
"""low_overlap.py DATA OUT: questions that share few words with their evidence, and where to look.

DATA: a folder with question sets (expmrc_squad, hotpotqa_200: {"question", "evidence",
"context_docs"}) and collections (scifact, cranfield: corpus.jsonl). Writes OUT/corpus.jsonl, all
their documents, and OUT/questions.jsonl, the quarter of the questions with the least overlap: the
share of a question's content words that begin like a word of its evidence.
"""
import gzip
import json
import os
import re
import sys

STOP = set("""a an and are as at be been by did do does for from had has have how in is it its many
much of on or that the their there they this to was were what when where which who whom whose why
will with would""".split())


def lines(folder, name):
    for path, opener in ((name, open), (name + ".gz", gzip.open)):
        path = os.path.join(folder, path)
        if os.path.exists(path):
            with opener(path, "rt", encoding="utf-8") as file:
                return [json.loads(line) for line in file]
    raise SystemExit(f"{folder}: there is no {name}")


def stems(text):
    return {word[:5] for word in re.findall(r"\w+", text.lower()) if word not in STOP}


def overlap(question, evidence):
    sought = stems(question)
    return len(sought & stems(" ".join(evidence))) / len(sought) if sought else 1.0


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    data, out = sys.argv[1:]
    documents, questions = {}, []
    for name in ("expmrc_squad", "hotpotqa_200"):
        for record in lines(os.path.join(data, name), "qa.jsonl"):
            evidence = sorted(set(record["evidence"]))
            for document in record["context_docs"]:
                documents.setdefault(document["text"], document["title"])
            questions.append({"set": name, "question": record["question"], "evidence": evidence,
                              "overlap": overlap(record["question"], evidence)})
    for name in ("scifact", "cranfield"):
        for record in lines(os.path.join(data, name), "corpus.jsonl"):
            documents.setdefault(record["text"], record.get("title", ""))
    questions.sort(key=lambda question: (question["overlap"], question["question"]))
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "corpus.jsonl"), "w", encoding="utf-8") as file:
        for number, (text, title) in enumerate(documents.items()):
            file.write(json.dumps({"_id": str(number), "title": title, "text": text}) + "\n")
    with open(os.path.join(out, "questions.jsonl"), "w", encoding="utf-8") as file:
        for question in questions[: len(questions) // 4]:
            file.write(json.dumps(question) + "\n")


main()
