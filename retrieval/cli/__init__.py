"""The command line: what did the person type, how is the answer shown?"""
