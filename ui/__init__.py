"""The web page: `ui.server.serve(reports)`. It uses `Reports` only through the protocol `ui.answer_stream.Asker`.

    server.py              the web application: security headers, limits, the address it listens on
    page.py                the page head and the tabs, and their initial content
    chat_room.py           the chat tab, with filtering.py, chat_components.py, *_actions.py
    collection_room.py     the collection tab
    evaluation_room.py     the evaluation tab; run_view.py shows runs
    api.py embeddings.py   for other programs: the endpoint `ask`, and `/v1/embeddings` in OpenAI's format
    script_events.py localized.py people.py   commands of the page's script; texts of components; a request's user

    answer_stream.py       a question's progress; waiting.py the queue; cancelling.py a stream that ends at once
    exchanges.py conversations.py database.py   questions and their outcomes, stored in SQLite
    feedback.py export.py names.py   rated answers as evaluation cases; conversations as files; safe file names
    links.py computed_days.py answer_language.py   links to a sentence; dates for "yesterday"; the language menu
    collection.py listing.py   uploads, removals, re-reading; filtering and sorting the list of reports
    confidence_words.py          an answer's confidence in words: proven, probably, other readings
    suggestions.py preloading.py auth.py   suggested questions; loading of models; login

    markup.py              text -> escaped HTML, and its small elements; HTML is produced only here and below
    conversation_html.py messages_html.py evidence.py   a conversation: the chat, the sources beside it
    head.py list_view.py run_view.py   the head; conversations, reports, changes; runs
    strings.py             every text of the interface, by language (strings.json), and the choice of language
    static/                style sheet and scripts, served from this machine; scripts never turn text into markup

Importing `ui` imports none of these modules, so that the command line starts without loading Gradio.
"""
