"""The commands of ``retrieve train``, one file each."""
