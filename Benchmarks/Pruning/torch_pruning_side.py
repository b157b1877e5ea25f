"""Torch-Pruning's side of the benchmark: prunes half of every group of a model, as its parent asks.

A model is asked for by a line with its name on standard input; the answer is a line with the seconds from the live
model to the pruned one (dependency graph, scores, selection, surgery) and the parameters that are left. Making the
model and the example input is not counted. Arguments: threads.
"""

import importlib.metadata
import sys
import time

import torch
import torch_pruning
from models import MODELS


def main():
    torch.set_num_threads(int(sys.argv[1]))
    try:
        version = importlib.metadata.version("torch-pruning")
    except importlib.metadata.PackageNotFoundError:
        version = "from a source folder"
    print(f"Torch-Pruning {version} on PyTorch {torch.__version__}", flush=True)

    for line in sys.stdin:
        create, shape, last = MODELS[line.strip()]
        model = create().eval()
        example = torch.randn(1, *shape)
        started = time.perf_counter()
        pruner = torch_pruning.pruner.MagnitudePruner(
            model,
            example,
            importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=0.5,
            global_pruning=False,
            ignored_layers=[last(model)],
        )
        pruner.step()
        seconds = time.perf_counter() - started
        print(seconds, sum(parameter.numel() for parameter in model.parameters()), flush=True)


main()
