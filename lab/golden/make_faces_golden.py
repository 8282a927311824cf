#!/usr/bin/env python3
"""Writes faces.json: dlib's descriptors of two pictures, which the network of src/model/faces.rs must say too.

    scripts/setup --faces
    python3 -m venv venv && venv/bin/pip install dlib==20.0.1 numpy
    venv/bin/python lab/golden/make_faces_golden.py ~/.cache/rdfer-audit/faces.dat
"""
import json
import pathlib
import sys

import dlib
import numpy

network = dlib.face_recognition_model_v1(sys.argv[1])
row, column, colour = numpy.indices((150, 150, 3))
descriptors = []
for number in range(2):
    picture = (row // 10 * 37 + column // 10 * 91 + colour * 53 + number * 17) % 251
    descriptor = network.compute_face_descriptor(picture.astype(numpy.uint8))
    descriptors.append([round(value, 6) for value in descriptor])
path = pathlib.Path(__file__).parents[2] / "tests/golden/faces.json"
path.write_text(json.dumps({"dlib": dlib.__version__, "descriptors": descriptors}) + "\n")
