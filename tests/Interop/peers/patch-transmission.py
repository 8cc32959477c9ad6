#!/usr/bin/env python3
"""Make a copy of Debian's transmission-daemon 3.00 (3.00-2.1+deb12u1) that works on 127/8, by patching
single instructions of the copied binary (each must be found exactly once):
  1. dht.c is_martian():                  `cmp al,0x7f` -> `cmp al,0`  (else each DHT packet from 127/8 is dropped)
  2. net.c tr_address_is_valid_for_peers: `cmp al,0x7f` -> `cmp al,0`  (else peers at 127/8 are ignored)
  3. dht.c token_bucket(): `jne` -> `jmp` (else 100 requests/s from whoever asks, the rest silently dropped)
Usage: patch-transmission.py OUT
"""
import os, sys

def patched(data, what, old, new):
    old, new = bytes.fromhex(old), bytes.fromhex(new)
    if len(old) != len(new) or data.count(old) != 1:
        sys.exit('this transmission-daemon is not 3.00-2.1+deb12u1: %s not found' % what)
    return data.replace(old, new)

binary = open('/usr/bin/transmission-daemon', 'rb').read()
binary = patched(binary, 'is_martian', '84c07410 3c7f 740c83e0e03ce00f94c00fb6c0c3', '84c07410 3c00 740c83e0e03ce00f94c00fb6c0c3')
binary = patched(binary, 'tr_address_is_valid_for_peers', '84c074f3 3c7f 74ef83e0e03ce00f95c0c3', '84c074f3 3c00 74ef83e0e03ce00f95c0c3')
binary = patched(binary, 'token_bucket', '8b15b9a90200 85d2 0f85fb010000 488b0dcea90200 ba90010000', '8b15b9a90200 85d2 90e9fb010000 488b0dcea90200 ba90010000')
with open(sys.argv[1], 'wb') as out:
    out.write(binary)
os.chmod(sys.argv[1], 0o755)
