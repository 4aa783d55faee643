"""The page: `ui.server.serve(reports)` shows it. It calls `Reports` only, through the seam `ui.talk.Asker`.

    server.py         one web application: headers that close the page, limits, the address it listens at
    page.py           the head and the tabs, and what each shows when the page is opened
    chat_room.py      the chat tab; filtering.py the filters in it
    collection_room.py   the collection tab
    evaluation_room.py   the evaluation tab; shown_runs.py what it shows of runs
    programs.py       the one endpoint for other programs, `ask`
    levers.py wording.py people.py   orders of the page's script; words on components; whose request it is

    talk.py           what becomes of a question; line.py who waits; stopping.py a stream that ends at once
    exchanges.py conversations.py database.py   questions with what came of them, kept in SQLite
    feedback.py export.py names.py   judged answers as cases; conversations as files; safe names of files
    collection.py listing.py   uploads, removals, re-reading; which reports are shown, in which order
    sureness.py       how sure an answer is, in words: proven, probably, what else it may be
    suggesting.py warming.py auth.py   first questions; models made ready; who may come in

    markup.py         text -> escaped HTML, and the small pieces of it; HTML is made only in the following
    drawing.py messages.py evidence.py   a conversation: the chat, the sources beside it
    head.py lists.py filtering.py shown_runs.py   the head; conversations, reports, changes; filters; runs
    strings.py        every word of the interface, by language (strings.json), and which one a browser gets
    static/           style sheet and scripts, served from this machine; they move markup and make none from text

Importing `ui` imports none of them, so that the command line starts without Gradio.
"""
