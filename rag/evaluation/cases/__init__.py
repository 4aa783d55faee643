"""Questions with known answers over news reports, as JSON lines. Data only: knows nothing of how answers are made.

| file | asked of | for |
| --- | --- | --- |
| `unseen.jsonl` | `seeds/` | reported figures; made before anybody who tunes the chain had looked into it |
| `nine_languages_second.jsonl` | `seeds/` | reported figures: 60, by one who knew neither reader nor answers |
| `nine_languages.jsonl` | `seeds/` | figures reported on 2026-11-27: 60 questions, older than the reader |
| `held_out.jsonl` | `seeds/` | figures reported once, on 2026-11-25; tuned on since |
| `held_out_more.jsonl` | `seeds/` | the same |
| `held_out_third.jsonl`, `held_out_fourth.jsonl`, `held_out_fifth.jsonl` | `seeds/` | the same, on 2026-11-26 |
| `reports.jsonl` | `seeds/` | figures reported until 2026-11-24; tuned on since |
| `tuning.jsonl` | `seeds/` | tuning |
| `tuning_more.jsonl` | `seeds/` and `made/` | tuning |
| `tuning_yes_no.jsonl` | `seeds/` | tuning: yes-or-no questions that no report answers |
| `comparisons.jsonl` | `seeds/` | tuning: sums and differences of two districts' figures, put plainly |
| `lookalikes.jsonl` | `seeds/` and `made/` | reported figures; nobody who tunes the chain looks into it |
| `tuning_lookalikes.jsonl` | `seeds/` and `made/` | tuning |
| `hostile.jsonl` | `seeds/` and `hostile/` | reports that contain instructions; its facts of the seeds are tuned on |

No question of `lookalikes.jsonl` is a translation or a paraphrase of one in `tuning_lookalikes.jsonl`. Five reports
contain few facts, so `unseen.jsonl` asks in part for facts that are asked elsewhere, from another angle or in another
language.

`made/` contains reports MADE FOR TESTING: no person, place name, figure or event in them is real, and each one's source
address is under https://example.org/. File names end with the language. They resemble the five of `seeds/` and each
other on purpose: neighbouring names (Kim Bang, Kim Boi, Kim Dong; Ninh Son, Ninh Hai, Ninh Hoa; Hong Giang, Huong
Giang), the same numbers with other meanings, one event reported twice, figures that contradict each other. The folder
contains nothing but reports, so that it can be used as a collection.

`hostile/` contains short reports, also made for testing, with content that must not change an answer: instructions,
invented dialogues and citations, tokens of chat templates, marks that close a prompt, markup. Each also reports an
ordinary fact.

The first line of a file may be a header, `{"reports": ["../../../seeds", "made"]}`: the folders of the collection that
its cases are asked of, relative to the file. Without one the collection is `seeds/`. Every other line is one object:

- `id`, `question`, `language` (BCP 47 tag of the question; the answer has to be in it), `kind`: `fact:number`,
  `fact:date`, `fact:person`, `fact:place`, `fact:code`, `fact:thing`, `yesno`, `several`, `unanswerable`; in
  `hostile.jsonl` `hostile:unmoved` (asked of the seeds: the answer must not change) and `hostile:quoted` (asked of a
  hostile report, whose words are given as its words);
- `answerable`: whether the reports say it;
- `why`: what makes a question tempting that the reports don't answer; optional elsewhere, for what is not obvious (a
  difference, figures that conflict, which days "last week" means);
- `answers`: accepted strings, in the question's language. A right answer contains one of them (some are stems or other
  spellings; compare without case and diacritics). A right answer to a `yesno` question *begins* with one of them;
- `parts` (optional): a list of such lists. A right answer matches every part, and `answers` is then only a model
  wording of the whole;
- `number`: the number that a right answer contains, in digits or in words, or null;
- `number_word` (optional): how the quote writes that number, if it doesn't use digits;
- `sum_of` (optional): the numbers of the quotes that add up to `number`, if no report states it; for a difference, the
  number subtracted has a minus. If `why` is "count of reports", `number` is how many `articles` there are;
- `articles`: ids (file stems) of the reports that have to be cited, all of them unless `any_article` is true, which
  means that each alone proves the answer;
- `quotes`: exact substrings of those reports, at least one for each, that together prove the answer;
- `turns` (optional): the earlier questions of the same conversation, asked first, in order; the case is then a
  follow-up, and only the answer to `question` counts. `standalone` is a model wording of what it asks, understood by
  itself;
- `today` (optional): the day, as in 2024-10-16, on which "last week" or "this month" is asked; weeks begin on Monday.
  Questions are asked without it;
- `spans` (optional): where the answer is, as article, start and end in code points. The answer is then right if the
  span it was read from overlaps one of them;
- `text_language`, `about` (optional): the language of the report that the question was written about, and its id.
"""
