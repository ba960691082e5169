"""A classifier taken elsewhere: as an ONNX graph, and as an exported torch program."""
