"""The parts of :func:`coldchain.tables.logger_file.read_logger`: words, sheet, times, readings."""
