#include "tools/form_words.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace callslip {
namespace {

constexpr std::string_view everywhere_formats =
    " json jsonl yaml toml xml csv tsv html markdown latex md ";

// The order of the lists: polite, answers, requests, filler, prefix, shape, number, unit, layout,
// format, language, manner, quality, asks, joins.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): lists over several lines
constexpr FormLanguage all_languages[] = {
    {"en",
     {"please kindly pls can_you could_you would_you i_want_you_to i_would_like_you_to you_must "
      "you_should make_sure_to make_sure_you be_sure_to remember_to note_that thanks thank_you "
      "then also",
      "answer respond reply",
      "explain describe summarise summarize summary give write return output format present "
      "provide "
      "show put state keep limit use using make be do don_t think let_s translate list cite tell "
      "structure phrase express include avoid",
      "the a an your my this that these it me us answer answers answering response responses reply "
      "result results output question following to for and or not any all only just no nothing "
      "else than then per each of_the_form style terms language words way as_possible very more "
      "clear step at_the_end i the_form_of the_answer to_the_question the_result own fully must "
      "should is be explanation explanations preamble",
      "in as with within using under like into by without to at_most at_least over below no only "
      "use",
      "as format form formatted the_form_of return output use using put present",
      "one two three four five six seven eight nine ten single few couple fewer_than less_than "
      "more_than max maximum at_most at_least under exactly about around a_maximum_of up_to",
      "sentence sentences word words paragraph paragraphs line lines bullet bullets point points "
      "items characters tokens pages",
      "bullet_points bullet_point bulleted_list bullet_list numbered_list bullets bulleted "
      "step_by_step like_i_m_five like_i_m_5 like_i_am_five as_if_i_were_five eli5 yes_or_no yes "
      "true false key_points plain_text sources citations references your_sources "
      "don_t_explain do_not_explain no_explanation no_explanations without_explanation "
      "without_explanations no_preamble list_of_bullet_points in_simple_terms in_simple_words "
      "in_plain_english in_layman_s_terms "
      "in_your_own_words only_with_the_name only_the_name just_the_name the_name_only "
      "only_the_number "
      "just_the_number a_number_only number_only only_a_number only_with_a_number with_a_number "
      "the_number_only only_the_letter just_the_letter the_letter_only with_the_letter "
      "only_the_date "
      "just_the_date only_the_year just_the_year only_with_the_letter only_with_the_number",
      "table list array object dictionary",
      "english chinese mandarin simplified_chinese traditional_chinese japanese korean russian "
      "german french spanish italian portuguese brazilian dutch polish arabic hindi turkish "
      "ukrainian vietnamese thai czech swedish danish norwegian finnish greek hebrew hungarian "
      "romanian indonesian",
      "briefly concisely shortly succinctly in_detail in_brief in_short in_depth in_full tersely "
      "thoroughly",
      "short brief concise succinct simple plain detailed terse thorough precise specific polite "
      "formal informal bulleted numbered markdown",
      "what which who whom whose when where why how whether if is are was were do does did can "
      "could will would should has have",
      "and but then"}},
    {"de",
     {"bitte kannst_du können_sie könnten_sie könntest_du du_sollst sie_sollen danke dann außerdem",
      "antworte antworten antwortet beantworte beantworten",
      "erkläre erkläre_mir erklären fasse fassen zusammen zusammenfassen gib geben schreibe "
      "schreib schreiben liefere formuliere formulieren nenne verwende verwenden benutze nutze "
      "halte halten sei seien stelle beschreibe beschreiben übersetze",
      "die der das den dem ein eine einen einem einer deine deinen ihre ihren mir uns es sich dich "
      "sie antwort antworten ergebnis ergebnisse ausgabe frage folgende auf_die_frage und oder "
      "nicht nur ausschließlich kein keine als aus sprache worten so möglichst wie_möglich dar zu",
      "in im auf als mit ohne unter per",
      "als format form gib geben liefere verwende verwenden benutze nutze stelle",
      "ein eine einen einem einer zwei drei vier fünf sechs zehn wenigen höchstens maximal weniger "
      "mindestens genau",
      "satz sätze sätzen wort wörter wörtern absatz absätze absätzen zeile zeilen worten punkte "
      "punkten stichpunkte zeichen",
      "stichpunkten stichpunkte stichworten aufzählung aufzählungspunkten schritt_für_schritt "
      "in_einfachen_worten in_eigenen_worten fasse_dich_kurz fassen_sie_sich_kurz ja_oder_nein "
      "quellen",
      "tabelle liste",
      "deutsch englisch chinesisch japanisch russisch französisch spanisch italienisch "
      "portugiesisch polnisch niederländisch deutscher englischer russischer",
      "kurz knapp ausführlich stichwortartig in_kürze im_detail",
      "kurze kurzen kurzer knappe einfache einfachen einfacher prägnant prägnante",
      "was wer wie wo wann warum welche welcher welches wieso weshalb wieviel ob",
      "und aber dann"}},
    {"fr",
     {"veuillez s_il_vous_plaît s_il_te_plaît svp merci merci_de peux_tu pouvez_vous pourriez_vous "
      "tu_dois vous_devez",
      "réponds répondez répondre réponse",
      "explique expliquez expliquer résume résumez résumer donne donnez donner écris écrivez "
      "rédige rédigez présente présentez fais faites sois soyez utilise utilisez décris décrivez "
      "traduis traduisez liste_les",
      "le la les l un une ta votre ton moi nous question résultat résultats réponse à_la_question "
      "suivante et ou ne pas que uniquement seulement juste d de à langue termes mots",
      "en sous par avec sans dans comme au",
      "comme format forme sous_forme_de au_format présente présentez utilise utilisez",
      "un une deux trois quatre cinq six dix quelques maximum moins_de plus_de environ",
      "phrase phrases mot mots paragraphe paragraphes ligne lignes points caractères",
      "liste_à_puces à_puces puces étape_par_étape en_termes_simples oui_ou_non sources",
      "tableau liste",
      "français anglais chinois japonais russe allemand espagnol italien portugais arabe",
      "brièvement concisément succinctement en_détail en_bref en_résumé simplement",
      "bref brève brefs concis concise court courte courts simple simples détaillée détaillé",
      "que qu quoi qui quel quelle quels quelles comment pourquoi quand où combien est_ce si",
      "et mais puis"}},
    {"es",
     {"por_favor puedes podrías puede podría debes gracias",
      "responde responda responder respondan contesta conteste contestar",
      "explica explique explicar resume resuma resumir da dame dé escribe escriba presenta "
      "presente usa use utiliza utilice sé sea devuelve describe describa traduce haz lista",
      "el la los las un una tu su me te lo respuesta respuestas resultado resultados pregunta "
      "siguiente a_la_pregunta y o no solo sólo solamente únicamente de que en forma términos "
      "palabras idioma",
      "en con sin como de por a",
      "como formato forma_de en_forma_de usa use utiliza utilice devuelve presenta presente",
      "un una dos tres cuatro cinco seis diez pocas pocos máximo menos_de más_de",
      "frase frases oración oraciones palabra palabras párrafo párrafos línea líneas puntos",
      "viñetas lista_con_viñetas en_términos_sencillos en_pocas_palabras paso_a_paso sí_o_no "
      "fuentes",
      "tabla lista",
      "español castellano inglés chino japonés ruso alemán francés italiano portugués",
      "brevemente concisamente sucintamente en_detalle detalladamente en_resumen",
      "breve breves conciso concisa corta corto cortas sencillo sencilla simple simples detallada",
      "qué quién quiénes cómo dónde cuándo cuál cuáles cuánto cuántos cuántas por_qué si",
      "y pero luego"}},
    {"it",
     {"per_favore per_piacere puoi potresti può grazie", "rispondi risponda rispondere rispondete",
      "spiega spieghi spiegare riassumi riassuma dai dammi scrivi scriva presenta usa usi utilizza "
      "sii sia descrivi descriva traduci elenca",
      "il lo la i gli le l un una uno tua tuo mi risposta risultato risultati domanda seguente "
      "alla_domanda e o non solo soltanto di che lingua parole termini",
      "in con senza come di a", "come formato forma_di sotto_forma_di usa usi utilizza presenta",
      "un una uno due tre quattro cinque sei dieci poche pochi massimo meno_di",
      "frase frasi parola parole paragrafo paragrafi riga righe punti",
      "elenco_puntato elenco_numerato in_parole_semplici in_poche_parole passo_dopo_passo sì_o_no "
      "fonti",
      "tabella lista elenco",
      "italiano inglese cinese giapponese russo tedesco francese spagnolo portoghese",
      "brevemente concisamente sinteticamente in_dettaglio in_breve in_sintesi",
      "breve brevi conciso concisa corta corto semplice semplici dettagliata",
      "che cosa chi come dove quando perché quale quali quanto quanti quante se", "e ma poi"}},
    {"pt",
     {"por_favor pode poderia podes obrigado", "responda responde responder respondam",
      "explique explica explicar resuma resume resumir dê dá_me escreva escreve apresente use usa "
      "utilize seja sê descreva descreve traduza liste",
      "o a os as um uma sua seu tua teu me resposta respostas resultado resultados pergunta "
      "seguinte à_pergunta e ou não só somente apenas de que em língua palavras termos",
      "em com sem como de por", "como formato forma_de em_forma_de use usa utilize apresente",
      "um uma dois duas três quatro cinco seis dez poucas poucos máximo menos_de",
      "frase frases palavra palavras parágrafo parágrafos linha linhas pontos tópicos",
      "marcadores em_termos_simples em_poucas_palavras passo_a_passo sim_ou_não fontes",
      "tabela lista", "português inglês chinês japonês russo alemão francês espanhol italiano",
      "brevemente concisamente sucintamente em_detalhe em_detalhes em_resumo",
      "breve breves conciso concisa curta curto simples detalhada",
      "que quem como onde quando qual quais quanto quantos quantas por_que porque se",
      "e mas depois"}},
    {"ru",
     {"пожалуйста прошу можешь можете могли_бы_вы мог_бы_ты спасибо",
      "ответь ответьте отвечай отвечайте ответить",
      "объясни объясните объяснить опиши опишите кратко_опиши дай дайте напиши напишите выведи "
      "выведите верни верните представь представьте перечисли перечислите сформулируй "
      "сформулируйте используй используйте расскажи расскажите изложи изложите суммируй переведи "
      "подведи будь будьте оформи оформите резюмируй",
      "ответ ответа результат результаты вопрос на_вопрос следующий мне нам свой твой ваш и или не "
      "только лишь более_чем чем язык языке слова итог виде",
      "на в с без по одним двумя тремя как",
      "виде в_виде формате в_формате форме в_форме выведи выведите верни верните используй "
      "используйте представь представьте оформи оформите",
      "один одно одним одном одной два две двумя двух три тремя трёх трех пять нескольких "
      "несколько несколькими не_более не_больше максимум",
      "предложение предложения предложением предложении предложений предложениями предложениях "
      "слово слово слов словами словах абзац абзаца абзацем абзаце абзацев строка строк строкой "
      "фразой пунктов",
      "списком по_пунктам пункты пунктами простыми_словами своими_словами шаг_за_шагом пошагово "
      "по_шагам в_двух_словах да_или_нет "
      "источники",
      "таблица таблицы таблицей таблицу список списка",
      "русском русский русски английском английский английски китайском китайский китайски "
      "немецком немецки французском французски испанском испански украинском украински японском",
      "кратко коротко подробно сжато лаконично вкратце детально развёрнуто развернуто просто",
      "краткий краткими короткий короткими простым простыми подробный краток краткой",
      "что кто где куда откуда когда почему зачем как какой какая какое какие каков сколько чем "
      "чей ли",
      "и а но"}},
    {"zh",
     {"你能 你能否 你可以 请 請 请你 請你 请您 請您 麻烦 麻煩 麻烦你 你 您 要 需要 务必 必须 必須 "
      "能否 可以 谢谢 謝謝 "
      "并 並 并且 然后 最后",
      "回答 作答 答复 答覆 回复 回覆 答",
      "解释 解釋 说明 說明 总结 總結 概括 概述 描述 介绍 介紹 输出 輸出 返回 给出 給出 列出 写 寫 "
      "写出 整理 使用 翻译 翻譯 翻译成 表述 表达 讲解 阐述 归纳 分析 简述 作 进行 引用",
      "问题 問題 答案 结果 結果 内容 內容 的 地 得 我 给 給 一下 即可 就行 就好 就可以 以下 这个 "
      "這個 该 该问题 下列 下面 上述 来 來 语言 語言 方式 话 話 不要 名字 姓名 数字 选项 选項 字母 "
      "字数 尽量 "
      "尽可能 尽可能地 保持 全部 并 和 或 出 出来 清楚 控制 在 里 之内 做 要 你的 您的 文字 语 "
      "多余 其他 任何 回答 不要有 超过",
      "用 以 使用 按 按照 采用 採用 通过 作为 成 为 為 在 不超过 不超過 控制在",
      "格式 形式 的形式 的格式 的方式 作为 作為 使用 输出 輸出 返回 用 以 按 按照",
      "一 二 两 兩 三 四 五 六 七 八 九 十 几 幾 一百 两百 一个 一個 不超过 不超過 最多",
      "句话 句話 句 个字 個字 字 个词 段 段话 段話 个要点 条 點 点 个段落 字以内 字以內 字左右 "
      "个字以内 個字以內 个句子",
      "一句话 一句話 要点 要點 分点 分點 条目 逐条 逐條 步骤 步驟 一步一步 一步步 逐步 分步骤 "
      "项目符号 是或否 是或不是 来源 出处 参考文献 列表形式",
      "列表 表格 清单 清單 数组",
      "中文 汉语 漢語 简体中文 簡體中文 繁体中文 繁體中文 英文 英语 英語 日语 日語 日文 俄语 俄文 "
      "德语 德文 法语 法文 西班牙语 韩语 韩文 普通话",
      "简要 簡要 简单 簡單 简洁 簡潔 简短 簡短 简明 簡明 简略 扼要 简明扼要 言简意赅 详细 詳細 "
      "详尽 简练 精炼 大致 直接 通俗 通俗易懂",
      "只 仅 仅仅 只需 只要 短 长 易懂 清晰 准确 准确的",
      "什么 什麼 谁 誰 哪 哪里 哪裡 哪些 哪个 哪個 何时 何時 为什么 為什麼 为何 為何 如何 怎么 "
      "怎麼 怎样 怎樣 多少 是否 几",
      "并 並 并且 另外 同时"}},
    {"ja",
     {"ください 下さい お願いします どうか ぜひ してください して",
      "答えて 回答して 答え 回答 答えよ",
      "説明して 説明 教えて まとめて 要約して 要約 書いて 出力して 出力 返して 示して 述べて "
      "使って 記述して 列挙して",
      "で に は を の が も と な だけ のみ 質問 結果 以下 次 内容 形 よう こと 私 程度",
      "で に として", "形式 形式で として 形で", "一 二 三 四 五 十",
      "文 文字 文字以内 語 行 段落 字以内 文以内 つ",
      "一文 一言 一言で 箇条書き 段階的 ステップ 順を追って 要点 出典", "表 リスト 一覧",
      "日本語 英語 中国語 韓国語 ロシア語 ドイツ語 フランス語",
      "簡潔 簡単 手短 詳しく 詳細 簡潔に 簡単に 手短に 詳細に",
      "短く わかりやすく 分かりやすく 簡潔な",
      "何 誰 どこ いつ なぜ どう どの どのように いくつ どれ", "そして また"}},
    {"ko",
     {"주세요 주십시오 줘 바랍니다 부탁합니다 부탁드립니다 제발",
      "답해 답하세요 답하시오 답해줘 답변해 답변해줘 답변하세요 답변해주세요 답해주세요 대답해 "
      "대답해줘 대답해주세요 대답하세요 답변",
      "설명해 설명해줘 설명하세요 설명해주세요 요약해 요약해줘 요약하세요 요약해주세요 작성해 "
      "작성해줘 정리해 정리해줘 정리해주세요 출력해 출력하세요 알려 알려줘 써 써줘 말해 말해줘",
      "답을 답은 답변을 답변은 대답은 결과를 결과는 질문에 다음 내용을 것 수 만 이내로 이내",
      "로 으로", "형식으로 형태로 형식 형태", "한 두 세 네 다섯",
      "문장으로 문장 단어로 단어 문단으로 줄로 글자",
      "목록으로 리스트로 단계별로 예 아니오 글머리표로 요점만", "표로 표 목록 리스트",
      "한국어로 영어로 중국어로 일본어로 러시아어로 한글로 한국어 영어 중국어 일본어",
      "간단히 간단하게 짧게 간략히 간략하게 자세히 자세하게 상세히", "간단한 짧은 쉽게 쉬운",
      "무엇 무엇인가 무엇인가요 누구 어디 언제 왜 어떻게 어떤 몇", "그리고"}},
};
// NOLINTEND(bugprone-suspicious-missing-comma)

using Words = std::unordered_map<std::string, FormRoles>;

std::vector<Words> make_words() {
  std::vector<Words> words(std::size(all_languages));
  for (std::size_t l = 0; l < words.size(); ++l) {
    for (std::size_t role = 0; role < form_role_count; ++role) {
      const std::string_view list = all_languages[l].lists[role];
      for (std::size_t pos = 0; pos < list.size();) {
        const std::size_t end = std::min(list.find(' ', pos), list.size());
        std::string word(list.substr(pos, end - pos));
        std::replace(word.begin(), word.end(), '_', ' ');
        if (!word.empty()) words[l][word] |= FormRoles{1} << role;
        pos = end + 1;
      }
    }
  }
  return words;
}

}  // namespace

std::span<const FormLanguage> form_languages() { return all_languages; }

FormRoles form_roles(std::size_t language, const std::string& word) {
  static const std::vector<Words> words = make_words();
  if (!word.empty() && word.size() <= 4 &&
      std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return form_role::number;
  }
  const auto found = words[language].find(word);
  const FormRoles roles = found == words[language].end() ? 0 : found->second;
  const bool format = everywhere_formats.find(" " + word + " ") != std::string_view::npos;
  return format && !word.empty() ? roles | form_role::format : roles;
}

}  // namespace callslip
