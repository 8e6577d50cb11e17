"""A speech emotion classifier: Wav2Vec2, averaged over time, under a head of two layers.

Loads with transformers' AutoModelForAudioClassification.from_pretrained(folder, trust_remote_code=True).
Give it clips one by one, or padded with their attention mask.
"""
import torch
from torch import nn
from transformers import Wav2Vec2Model, Wav2Vec2PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

HIDDEN = 256


class Head(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.before = nn.Dropout(0.1)
        self.hidden = nn.Linear(config.hidden_size, HIDDEN)
        self.between = nn.Dropout(0.2)
        self.output = nn.Linear(HIDDEN, config.num_labels)

    def forward(self, pooled):
        return self.output(self.between(torch.relu(self.hidden(self.before(pooled)))))


class Wav2Vec2ForEmotion(Wav2Vec2PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.wav2vec2 = Wav2Vec2Model(config)
        self.head = Head(config)
        self.post_init()

    def forward(self, input_values, attention_mask=None, labels=None, **kwargs):
        hidden = self.wav2vec2(input_values, attention_mask=attention_mask, **kwargs).last_hidden_state
        if attention_mask is None:
            pooled = hidden.mean(dim=1)
        else:
            mask = self._get_feature_vector_attention_mask(hidden.shape[1], attention_mask)
            mask = mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        logits = self.head(pooled)
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)
