# SPDX-License-Identifier: Apache-2.0
"""The calls that wait. Made from those in `..aio`."""
