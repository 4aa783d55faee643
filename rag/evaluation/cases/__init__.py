"""Questions with known answers over the five reports of `seeds/`, as JSON lines.

`reports.jsonl` is the set that figures are reported on; nobody who tunes the chain looks into it. `tuning.jsonl` is
the set to tune on. No question of one is a translation or a paraphrase of one in the other. This package holds data
only and must not know how answers come about or how they are scored.

`made/` holds reports MADE FOR TESTING: no person, place name, figure or event in them is to be believed, and each
one's source address is under https://example.org/. Their languages stand at the end of the file names. They look like
the five of `seeds/` and like each other on purpose: neighbouring names (Kim Bang, Kim Boi, Kim Dong; Ninh Son, Ninh Hai,
Ninh Hoa; Hong Giang, Huong Giang), the same numbers in other meanings, one event told twice, figures that contradict
each other. The folder holds nothing but reports, so that it can be handed in as a collection.

A line is one object:

- `id`, `question`, `language` (BCP 47 tag of the question; the answer has to be in it), `kind`: `fact:number`,
  `fact:date`, `fact:person`, `fact:place`, `fact:code`, `fact:thing`, `yesno`, `several`, `unanswerable`;
- `answerable`: whether the reports say it; where they don't, `why` tells what makes the question tempting;
- `answers`: accepted strings, in the question's language. One of them stands in a right answer (some are stems or other
  spellings; compare without case and marks). A right answer to a `yesno` question *begins* with one of them;
- `parts` (optional): a list of such lists. A right answer matches every part, and `answers` is then only a model
  wording of the whole;
- `number`: the number that a right answer holds, in digits or in words, or null;
- `number_word` (optional): how the quote writes that number, where it doesn't use digits;
- `sum_of` (optional): the numbers of the quotes that add up to `number`, where no report says it itself;
- `articles`: ids (file stems) of the reports that have to be cited, all of them unless `any_article` is true, which
  means that each alone proves the answer;
- `quotes`: exact substrings of those reports, at least one for each, that together prove the answer.
"""
