"""The page: `ui.server.serve(reports)` shows it. It calls `Reports` only, through the seam `ui.page.Asker`.

    server.py    one web application: headers that close the page, the address it listens at
    page.py      what is on the page and what happens on a question
    evidence.py  reports, citations and answers -> escaped HTML; the page's HTML is made nowhere else
    stopping.py  a stream that another thread can end
    strings.py   every word of the interface, by language (strings.json), and which one a browser gets
    exchanges.py      one question and what has come of it, and its JSON
    conversations.py  conversations that outlive browser and server, in SQLite
    database.py       one SQLite file as threads use it; a damaged one moved aside
    feedback.py       judged answers -> evaluation cases
    export.py         a conversation -> Markdown, HTML (export.html), JSON; an answer -> text
    listing.py        which reports are shown, in which order
    collection.py     uploads, removals, re-reading, in a thread of their own
    auth.py           who may come in: hashed passwords, attempts throttled
    names.py          texts -> safe names of files
    static/      style sheet and script, served from this machine

Importing `ui` imports none of them, so that the command line starts without Gradio.
"""
