"""The page: `ui.server.serve(reports)` shows it. It calls `Reports` only, through the seam `ui.answer_stream.Asker`.

    server.py              one web application: headers that close the page, limits, the address it listens at
    page.py                the head and the tabs, and what each shows when the page is opened
    chat_room.py           the chat tab, with filtering.py, chat_components.py and conversation_actions.py
    collection_room.py     the collection tab
    evaluation_room.py     the evaluation tab; run_view.py shows runs
    api.py                 the one endpoint for other programs, `ask`
    script_events.py localized.py people.py   orders of the page's script; words on components; whose request it is

    answer_stream.py       what becomes of a question; waiting.py who waits; cancelling.py a stream that ends at once
    exchanges.py conversations.py database.py   questions with what came of them, kept in SQLite
    feedback.py export.py names.py   judged answers as cases; conversations as files; safe names of files
    collection.py listing.py   uploads, removals, re-reading; which reports are shown, in which order
    confidence_words.py          how sure an answer is, in words: proven, probably, what else it may be
    suggestions.py preloading.py auth.py   first questions; models made ready; who may come in

    markup.py              text -> escaped HTML, and the small pieces of it; HTML is made only in the following
    conversation_html.py messages_html.py evidence.py   a conversation: the chat, the sources beside it
    head.py list_view.py run_view.py   the head; conversations, reports, changes; runs
    strings.py             every word of the interface, by language (strings.json), and which one a browser gets
    static/                style sheet and scripts, served from this machine; they move markup and make none from text

Importing `ui` imports none of them, so that the command line starts without Gradio.
"""
