"""Fails each system call of memdump in turn, and judges what became of the target, the files and the answer."""
