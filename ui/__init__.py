"""The page: `ui.server.serve(reports)` shows it. It uses `Reports` only, through the protocol `ui.answer_stream.Asker`.

    server.py              the web application: headers that lock the page down, limits, the address it listens at
    page.py                the head and the tabs, and what each shows when the page is opened
    chat_room.py           the chat tab, with filtering.py, chat_components.py and conversation_actions.py
    collection_room.py     the collection tab
    evaluation_room.py     the evaluation tab; run_view.py shows runs
    api.py                 the one endpoint for other programs, `ask`
    script_events.py localized.py people.py   commands of the page's script; texts of components; a request's user

    answer_stream.py       a question's progress; waiting.py the queue; cancelling.py a stream that ends at once
    exchanges.py conversations.py database.py   questions and their outcomes, stored in SQLite
    feedback.py export.py names.py   rated answers as cases; conversations as files; safe file names
    links.py computed_days.py answer_language.py   links to a sentence; "yesterday" as a date; the select of a language
    collection.py listing.py   uploads, removals, re-reading; which reports are shown, in which order
    confidence_words.py          an answer's confidence in words: proven, probably, other readings
    suggestions.py preloading.py auth.py   questions that the reader answers; loading of models; login

    markup.py              text -> escaped HTML, and its small elements; HTML is made only here and in the following
    conversation_html.py messages_html.py evidence.py   a conversation: the chat, the sources beside it
    head.py list_view.py run_view.py   the head; conversations, reports, changes; runs
    strings.py             every text of the interface, by language (strings.json), and which one a browser gets
    static/                style sheet and scripts, served from this machine; they move markup and make none from text

Importing `ui` imports none of them, so that the command line starts without Gradio.
"""
