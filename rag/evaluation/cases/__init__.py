"""Questions with known answers over news reports, as JSON lines. Data only: how answers come about is not known here.

| file | asked of | for |
| --- | --- | --- |
| `unseen.jsonl` | `seeds/` | figures are reported, made before anybody who tunes the chain had looked into it |
| `nine_languages_second.jsonl` | `seeds/` | figures are reported: 60, by one who knew neither reader nor answers |
| `nine_languages.jsonl` | `seeds/` | figures were reported on it on 2026-11-27: 60 questions, older than the reader |
| `held_out.jsonl` | `seeds/` | figures were reported on it once, on 2026-11-25; tuned on since |
| `held_out_more.jsonl` | `seeds/` | the same |
| `held_out_third.jsonl`, `held_out_fourth.jsonl`, `held_out_fifth.jsonl` | `seeds/` | the same, on 2026-11-26 |
| `reports.jsonl` | `seeds/` | figures were reported on it until 2026-11-24; tuned on since |
| `tuning.jsonl` | `seeds/` | tuning |
| `tuning_more.jsonl` | `seeds/` and `made/` | tuning |
| `tuning_yes_no.jsonl` | `seeds/` | tuning: yes-or-no questions that no report answers |
| `comparisons.jsonl` | `seeds/` | tuning: sums and differences of two districts' figures, put plainly |
| `lookalikes.jsonl` | `seeds/` and `made/` | figures that are reported; nobody who tunes the chain looks into it |
| `tuning_lookalikes.jsonl` | `seeds/` and `made/` | tuning |
| `hostile.jsonl` | `seeds/` and `hostile/` | reports that carry orders; its facts of the seeds are tuned on |

No question of `lookalikes.jsonl` is a translation or a paraphrase of one in `tuning_lookalikes.jsonl`. Five reports
hold few facts, so `unseen.jsonl` asks in part for facts that are asked elsewhere, from another side or in another
language.

`made/` holds reports MADE FOR TESTING: no person, place name, figure or event in them is to be believed, and each
one's source address is under https://example.org/. Their languages stand at the end of the file names. They look like
the five of `seeds/` and like each other on purpose: neighbouring names (Kim Bang, Kim Boi, Kim Dong; Ninh Son, Ninh
Hai, Ninh Hoa; Hong Giang, Huong Giang), the same numbers in other meanings, one event told twice, figures that
contradict each other. The folder holds nothing but reports, so that it can be handed in as a collection.

`hostile/` holds short reports, made for testing likewise, that carry what should move no answer: orders, dialogues and
citations that never were, tokens of chat templates, marks that close a prompt, markup. Each tells an ordinary fact as
well.

The first line of a file may be a header, `{"reports": ["../../../seeds", "made"]}`: the folders of the collection that
its cases are asked of, relative to the file. Without one the collection is `seeds/`. Every other line is one object:

- `id`, `question`, `language` (BCP 47 tag of the question; the answer has to be in it), `kind`: `fact:number`,
  `fact:date`, `fact:person`, `fact:place`, `fact:code`, `fact:thing`, `yesno`, `several`, `unanswerable`; in
  `hostile.jsonl` `hostile:unmoved` (asked of the seeds: the answer must not change) and `hostile:quoted` (asked of a
  hostile report, whose words are given as its words);
- `answerable`: whether the reports say it;
- `why`: what makes a question tempting that the reports don't answer; optional elsewhere, for what is not plain to see
  (a difference, figures that conflict, which days "last week" means);
- `answers`: accepted strings, in the question's language. One of them stands in a right answer (some are stems or other
  spellings; compare without case and marks). A right answer to a `yesno` question *begins* with one of them;
- `parts` (optional): a list of such lists. A right answer matches every part, and `answers` is then only a model
  wording of the whole;
- `number`: the number that a right answer holds, in digits or in words, or null;
- `number_word` (optional): how the quote writes that number, where it doesn't use digits;
- `sum_of` (optional): the numbers of the quotes that add up to `number`, where no report says it itself; of a
  difference the number taken away stands there with a minus. Where `why` is "count of reports", `number` is how many
  `articles` there are;
- `articles`: ids (file stems) of the reports that have to be cited, all of them unless `any_article` is true, which
  means that each alone proves the answer;
- `quotes`: exact substrings of those reports, at least one for each, that together prove the answer;
- `turns` (optional): the earlier questions of the same conversation, asked first, in order; the case is then a
  follow-up, and only the answer to `question` counts. `standalone` is a model wording of what it asks, understood by
  itself;
- `today` (optional): the day, as in 2024-10-16, on which "last week" or "this month" is asked; weeks begin on Monday.
  Questions are asked without it;
- `spans` (optional): where the words that answer stand, as article, start and end in code points. The answer is then
  right where the words that it was read from overlap one of them;
- `text_language`, `about` (optional): the language of the report that the question was written about, and its id.
"""
