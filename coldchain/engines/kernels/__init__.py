"""The inner loops of the engines, compiled by numba.

Everything here takes and returns plain numpy arrays, keeps no state of its own and draws its random
numbers from a state it is given, so that a run can be repeated whatever the number of threads: a
kernel holds no lock of Python's, and callers run several side by side.

numba is imported when a kernel module is: only engines do that, and only in their own process.
"""
