"""A witness of the log: another machine's word that heads only ever grew. It needs no database, only this package.

It speaks the protocol of c2sp.org/tlog-witness, so logs of others may ask ours and ours may ask other people's witnesses.
"""
