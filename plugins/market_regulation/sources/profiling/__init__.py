"""Inspecting a file that no profile knows yet, and drafting the profile that takes it in.

Nothing here opens a file: the caller passes bytes or rows of cells, whatever container they came in.
"""
