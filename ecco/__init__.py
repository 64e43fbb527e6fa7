"""ecco explains transformer language models with interactive figures.

import ecco
lm = ecco.from_pretrained("ecco/demo-gpt2")
out = lm.generate("Heathrow Airport is located in the city of", generate=1)
out.saliency()
"""

from ecco import analysis
from ecco._version import __version__
from ecco.activation_map import ActivationMap
from ecco.anatomy import Anatomy
from ecco.attention import AttentionMaps
from ecco.attribution.comparison import Comparison
from ecco.attribution.faithfulness import Faithfulness
from ecco.attribution.methods import CompletenessWarning
from ecco.attribution.scores import Attribution
from ecco.contributions import Contributions
from ecco.difference import Difference
from ecco.errors import ArgumentError, EccoError, LoadError, ModelError, ProofError
from ecco.evaluation import evaluate_attribution
from ecco.factors import NeuronFactors
from ecco.interventions import Intervention, SteeringVector
from ecco.lens import LayerPredictions, Predictions, Rankings
from ecco.lm import LM
from ecco.loading import from_pretrained
from ecco.logit_lens import Lens
from ecco.meaning import FactorMeaning
from ecco.neurons import Neurons
from ecco.output import OutputSeq
from ecco.probing import Probe, probe
from ecco.result import Result, save_page
from ecco.similarity import Similarity, similarity_matrix
from ecco.steering import steering_vector
from ecco.token_sequence import TokenSequence
from ecco.trace import Trace
from ecco.tuned_lens import TunedLens

__all__ = [
    "LM",
    "ActivationMap",
    "Anatomy",
    "ArgumentError",
    "AttentionMaps",
    "Attribution",
    "Comparison",
    "CompletenessWarning",
    "Contributions",
    "Difference",
    "EccoError",
    "FactorMeaning",
    "Faithfulness",
    "Intervention",
    "LayerPredictions",
    "Lens",
    "LoadError",
    "ModelError",
    "NeuronFactors",
    "Neurons",
    "OutputSeq",
    "Predictions",
    "Probe",
    "ProofError",
    "Rankings",
    "Result",
    "Similarity",
    "SteeringVector",
    "TokenSequence",
    "Trace",
    "TunedLens",
    "__version__",
    "analysis",
    "evaluate_attribution",
    "from_pretrained",
    "probe",
    "save_page",
    "similarity_matrix",
    "steering_vector",
]
