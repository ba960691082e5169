"""The page, one panel a file. With app.py the only importer of gradio."""
