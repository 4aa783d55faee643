"""Questions with known answers over the reports of `seeds/`, as JSON lines.

`reports.jsonl` is the set that figures are reported on; nobody who tunes the chain looks into it. `tuning.jsonl` is
the set to tune on. No question of one is a translation or a paraphrase of one in the other. This package holds data
only and must not know how answers come about or how they are scored. Anybody's own case file has the same form.

The first line may be a header, `{"reports": ["../../../seeds", "made"]}`: files, folders or addresses of the collection
that the questions are asked of, paths counted from where the case file is. Without it the reports are those that come
with the program; `askreports evaluate --reports` says otherwise than either.

Each other line is one object. Needed:

- `question`, `language` (BCP 47 tag of the question; the answer has to be in it), `kind`: `fact:number`, `fact:date`,
  `fact:person`, `fact:place`, `fact:code`, `fact:thing`, `yesno`, `several`, `unanswerable`, or a word of one's own;
- `answerable`: whether the reports say it.

And what there is of these:

- `id`: names the case from run to run; without it the number of the line does;
- `answers`: accepted strings, in the question's language. One of them stands in a right answer (some are stems or other
  spellings; compare without case and marks). A right answer to a `yesno` question *begins* with one of them;
- `parts`: a list of such lists. A right answer matches every part, and `answers` is then only a model wording of the
  whole;
- `number`: the number that a right answer holds, in digits or in words, or null;
- `number_word`: how the quote writes that number, where it doesn't use digits;
- `sum_of`: the numbers of the quotes that add up to `number`, where no report says it itself;
- `articles`: ids (file stems) of the reports that have to be cited, all of them unless `any_article` is true, which
  means that each alone proves the answer;
- `quotes`: exact substrings of those reports, at least one for each, that together prove the answer;
- `why`: what makes the question tempting where the reports do not say;
- `turns`: earlier questions of the same conversation. They are asked first, in order, and they and their answers are
  the history of the question;
- `standalone`: a model wording of such a question by itself, for people who read the file;
- `today`: the day (YYYY-MM-DD) that "last year" and the like count from;
- `grades`: how relevant each of `articles` is, where that differs.
"""
