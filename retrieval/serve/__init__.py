"""The resident helper: how is a question answered by a process that is ready already?"""
