# SPDX-License-Identifier: Apache-2.0
"""RFC 6455 as tables of raw frames and exact answers, a chapter a file.

words: the bytes both sides may say; case: what a case is; runner: plays one."""

from . import closing, control, echo, fragments, framing, kinds, limits, opening, utf8

CHAPTERS = [module.chapter for module in (
    opening, framing, fragments, control, closing, utf8, limits, kinds, echo)]
